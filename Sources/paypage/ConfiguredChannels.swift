import PayCore
import PayFlow
import PayProviders

/// The configured channels: an adapter for each account, with its own circuit breaker.
struct ConfiguredChannels: Sendable {
    /// In the order in which buyers see them.
    let providers: [any PaymentProvider]

    /// The jobs that fetch the providers' certificates.
    var certificateJobs: [ClockJob] { weChatPay.compactMap(\.certificateJob) + alipay.compactMap(\.certificateJob) }

    /// One job that runs ``certificateJobs`` side by side.
    var certificateJob: ClockJob {
        let jobs = certificateJobs
        return ClockJob("certificates", every: .seconds(10)) { now in
            try await withThrowingTaskGroup { group in
                for job in jobs { group.addTask { try await job.runOnce(now) } }
                return SharesReport(try await group.reduce(into: []) { $0.append($1) })
            }
        }
    }

    private var alipay: [AlipayProvider] { providers.compactMap { $0 as? AlipayProvider } }
    private var weChatPay: [WeChatPayProvider] { providers.compactMap { $0 as? WeChatPayProvider } }

    /// - Parameters:
    ///   - previous: the adapters that these replace.
    ///   - changed: the names of the settings that changed since. The adapter of an account without a change is kept.
    ///     Nil keeps none.
    init(
        _ settings: Settings, publicURL: @escaping @Sendable () -> String, guards: ChannelGuards,
        downloads: FileDownloader, clock: SystemClock, keeping previous: [any PaymentProvider] = [],
        changed: Set<String>? = nil
    ) {
        let parts = AdapterParts(publicURL: publicURL, guards: guards, downloads: downloads, clock: clock)
        providers = settings.accounts.map { account in
            let old = previous.first { $0.channel == account.channel && $0.kind == account.kind }
            if let old, let changed, changed.isDisjoint(with: account.settingNames) { return old }
            return account.adapter(parts, replacing: old)
        }
    }

    /// The ends of the certificates, each of the one that is valid for longest.
    func certificateEnds(at now: Instant) -> [CertificateEnd] {
        weChatPay.compactMap { $0.certificateEnd(at: now) } + alipay.flatMap(\.certificateEnds)
    }

    /// The certificates that end soon.
    func certificateConditions(at now: Instant) -> [ServiceCondition] {
        weChatPay.compactMap { $0.certificateCondition(at: now) } + alipay.flatMap { $0.certificateConditions(at: now) }
    }
}

/// The parts that every adapter gets.
private struct AdapterParts {
    let publicURL: @Sendable () -> String
    let guards: ChannelGuards
    let downloads: FileDownloader
    let clock: SystemClock
}

extension Settings.Account {
    /// The names of the settings that the adapter follows from, as they are written.
    fileprivate var settingNames: [String] {
        let own = SettingKey.keys(of: kind)
        return own.map(names.name) + own.compactMap(\.word).map { ChannelWord.name(channel.name, $0) }
            + (kind == .sandbox ? own.map(\.name) : [])
    }

    fileprivate func adapter(
        _ parts: AdapterParts, replacing previous: (any PaymentProvider)?
    ) -> any PaymentProvider {
        switch provider {
        case .alipay(let alipay):
            return AlipayProvider(
                alipay.configuration, channel: channel, transport: parts.guards.guarded(channel), clock: parts.clock,
                downloads: parts.downloads,
                onFetch: { [channel, logger = parts.guards.logger] in $0.log(of: channel, to: logger) })
        case .weChatPay(let weChatPay):
            return WeChatPayProvider(
                weChatPay.configuration { [publicURL = parts.publicURL, channel] in
                    noticeURL(of: channel, under: publicURL())
                },
                channel: channel, transport: parts.guards.guarded(channel, saysBroken: WeChatPayProvider.saysBroken),
                clock: parts.clock, downloads: parts.downloads, replacing: previous as? WeChatPayProvider)
        case .stripe(let stripe):
            return StripeProvider(
                stripe, channel: channel, transport: parts.guards.guarded(channel), clock: parts.clock,
                downloads: parts.downloads)
        case .sandbox(let sandbox):
            return SandboxProvider(
                sandbox.configuration(of: channel, publicURL: parts.publicURL),
                transport: parts.guards.guarded(channel), clock: parts.clock, downloads: parts.downloads)
        }
    }
}

/// The address to which a provider sends the notices of an account.
func noticeURL(of channel: Channel, under publicURL: String) -> String { "\(publicURL)/v1/notices/\(channel)" }

extension Settings.Sandbox {
    func configuration(
        of channel: Channel, publicURL: @escaping @Sendable () -> String
    ) -> SandboxConfiguration {
        SandboxConfiguration(
            channel: channel, baseURL: baseURL(mountedUnder: publicURL()), secret: secret, pageTTL: pageTTL,
            pcKind: pcKind, tradeScope: tradeScope)
    }

    /// Without a slash at the end.
    private func baseURL(mountedUnder publicURL: String) -> String {
        switch place {
        case .mounted: "\(publicURL)/sandbox"
        case .elsewhere(let url): url
        }
    }
}
