import FastLane
import FrontDoor
import Hummingbird
import Logging
import PayAPI
import PayAccess
import PayCache
import PayCheckout
import PayCore
import PayFlow
import PayProviders
import PayTelemetry
import SandboxServer

/// The parts of the process that no reload replaces: the store, the memory, the open streams.
struct ProcessParts: Sendable {
    let ledger: any Store
    /// The store's decisions, announced to the memory and the streams.
    let decisions: any OrderDecisions
    let cache: PageCache
    let live: LiveOrders
    let metrics: PrometheusMetrics
    let worker: WorkerID
    /// The processes that share the database.
    let nodes: Int
    let hasFastLane: Bool
    /// The channels that may be missing in the settings although they have unfinished work.
    let withoutChannels: [PayCore.Channel]
    /// The sandbox in this process; nil for none.
    let sandbox: Sandbox?
    /// Nil for no traces.
    let tracing: TraceWiring?
    let clock: SystemClock
    let accessLog: AccessLog
    let logger: Logger
}

/// The parts that follow from the settings. A reload makes new ones; calls in flight finish with theirs. A class, because
/// each request takes the current one.
final class Serving: Sendable {
    let checked: CheckedSettings
    let flows: Flows
    let api: APIParts
    let responder: any HTTPResponder<PayRequestContext>
    /// Nil if it is off.
    let lane: FastLane?
    /// Nil if no webhooks are sent.
    let webhook: WebhookWiring?
    /// The clock jobs among ``jobNames``.
    private let jobs: [ClockJob]

    /// - Parameter previous: the parts that these replace. They share the work in flight and the limits on callers.
    init(_ checked: CheckedSettings, on process: ProcessParts, replacing previous: Serving? = nil) {
        self.checked = checked
        let settings = checked.settings
        let (ledger, logger) = (process.ledger, process.logger)
        let observer = FlowTelemetry(logger: logger)
        let traces = process.tracing?.traces ?? .off
        FlowTelemetry.declare(
            on: process.metrics, channels: checked.providers.channels, terminals: Terminal.allCases)
        MeasuredProvider.declareMetric(on: process.metrics, channels: checked.providers.channels)
        let providers = Providers(
            checked.channels.providers.map {
                MeasuredProvider(
                    $0, clock: process.clock, metrics: process.metrics, traces: traces)
            })
        flows = Flows(
            FlowParts(
                reads: ledger, due: ledger, decisions: process.decisions, providers: providers,
                channels: settings.channelList, clock: process.clock, observer: observer, rules: checked.rules,
                repayMode: settings.repayMode, worker: process.worker, publicURL: checked.publicURL,
                acceptance: ChannelAcceptance(switchedOff: settings.switchedOff, pauses: ledger),
                nodes: process.nodes),
            replacing: previous?.flows)
        let changes = previous.map { Set(checked.fingerprint.changes(since: $0.checked.fingerprint)) } ?? []
        if let previous, !changes.contains(where: { $0.hasPrefix("webhook.") }) {
            webhook = previous.webhook
        } else {
            webhook =
                settings.webhooks.isEmpty
                ? nil
                : WebhookWiring(
                    settings.webhooks, outbox: ledger, clock: process.clock, observer: observer,
                    tracing: process.tracing, logger: logger)
        }
        let reconcile =
            settings.reconcile.isEnabled
            ? ClockJob.reconcile(settings.reconcile.flow(flows, ledger), sharing: ledger) : nil
        jobs =
            ClockJob.orders(flows, sharing: ledger) + (webhook?.jobs ?? []) + [reconcile].compactMap { $0 }
            + [checked.channels.certificateJob, .search(flows, ledger)]
        let checkouts = CheckoutTokens(secrets: settings.tokenSecrets)
        let isSameCache = changes.isDisjoint(with: Self.cachedSettings)
        let api = APIParts(
            flows: flows, ledger: ledger, attention: ledger, disputes: ledger, reconciliations: ledger,
            desk: ledger,
            testEndpoint: webhook.map { TestEndpoint($0.receiver, audit: ledger, clock: process.clock) },
            live: process.live, cache: process.cache, clock: process.clock,
            callers: Callers(
                merchants: MerchantKeys(settings.apiKeys), users: checked.users, checkouts: checkouts),
            checkouts: checkouts, metrics: process.metrics,
            rules: checked.apiRules(withoutChannels: process.withoutChannels), accessLog: process.accessLog,
            logger: logger, traces: traces,
            cacheEdition: isSameCache ? previous?.api.cacheEdition ?? 0 : process.cache.startOver(),
            replacing: previous?.api)
        self.api = api
        let checkout = CheckoutRoute(parts: api, rules: settings.checkoutRules)
        let router = PayAPI(api, adding: checkout.endpoints).router()
        process.sandbox?.addRoutes(to: router)
        responder = router.buildResponder()
        lane = process.hasFastLane ? FastLane(api) : nil
    }

    /// The settings that cached pages follow from.
    private static let cachedSettings = Set(
        [SettingKey.tokenSecret, .deadlinePolicy, .deadlineMargin, .publicURL].map(\.name))
}

extension Serving {
    /// The jobs that follow from the settings, with their pauses.
    private static let jobNames: [(name: String, every: Duration)] =
        ([ClockDuty.recover, .refund, .query, .expire].map(\.rawValue) + WebhookWiring.jobNames)
        .map { ($0, ClockJob.soon) } + [
            ("certificates", .seconds(10)), ("search", .seconds(5)), (ClockDuty.reconcile.rawValue, .seconds(60)),
        ]

    /// The jobs of the parts that serve when a run begins. A job that the settings don't have does nothing.
    static func jobs(of serving: Current<Serving>) -> [ClockJob] {
        jobNames.map { name, pause in
            ClockJob(name, every: pause) { now in
                guard let job = serving.value.jobs.first(where: { $0.name == name }) else { return NothingToReport() }
                return try await job.runOnce(now)
            }
        }
    }
}

/// Passes each request to the routes that serve when it begins.
struct CurrentResponder: HTTPResponder {
    let serving: Current<Serving>

    /// A task keeps the memory of its deepest call until it ends, and the task of an event stream lives for an hour. A
    /// stream's response therefore begins in a child task, whose memory is released.
    func respond(to request: Request, context: PayRequestContext) async throws -> Response {
        let responder = serving.value.responder
        guard request.uri.path.hasSuffix(EventsRoute.pathEnd) else {
            return try await responder.respond(to: request, context: context)
        }
        async let response = responder.respond(to: request, context: context)
        return try await response
    }
}

extension CheckedSettings {
    fileprivate func apiRules(withoutChannels: [PayCore.Channel]) -> APIRules {
        APIRules(
            orderTTL: settings.orderTTL, deadlines: settings.deadlines, returnHosts: settings.returnHosts,
            trustedProxies: settings.http.trustedProxies, corsOrigins: settings.corsOrigins,
            withoutChannels: withoutChannels.filter { !providers.channels.contains($0) }, publicURL: publicURL)
    }
}

extension Settings {
    fileprivate var checkoutRules: CheckoutRules {
        let marks = accounts.compactMap { account in account.mark.map { (account.channel, $0) } }
        return CheckoutRules(
            shopName: checkout.shopName, logo: checkout.logo, color: checkout.color,
            marks: Dictionary(uniqueKeysWithValues: marks), frameAncestors: checkout.frameAncestors)
    }
}
