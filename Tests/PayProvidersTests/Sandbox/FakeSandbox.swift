import Hummingbird
import Logging
import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import ProviderFakes
import ServiceLifecycle
import Synchronization

@testable import SandboxServer

/// The sandbox as a provider fake: the real server, with faults that it does not have itself.
final class FakeSandbox: ProviderFake {
    private struct Running {
        let port: Int
        let group: ServiceGroup
        let task: Task<Void, any Error>
    }

    private let clock: HandMovedClock
    private let signer: SandboxSigner
    private let sandbox: Sandbox
    private let faults = FakeFaultList()
    private let counted = Mutex<[FakeOperation: Int]>([:])
    private let running = Mutex<Running?>(nil)

    init(secret: Secret, clock: HandMovedClock) {
        self.clock = clock
        signer = SandboxSigner(secret: secret)
        // The sender of its notices does not run. Tests request a notice and send it themselves.
        let nobody = SandboxScript { _ throws(TransportError) in throw TransportError(.neverSent, .shutDown) }
        sandbox = Sandbox(.init(secret: secret), transport: nobody, clock: clock, logger: Self.logger)
    }

    private static let logger: Logger = {
        var logger = Logger(label: "sandbox")
        logger.logLevel = .critical
        return logger
    }()

    var baseURL: String {
        guard let port = running.withLock({ $0?.port }) else { preconditionFailure("the sandbox isn't running") }
        return "http://127.0.0.1:\(port)/sandbox"
    }

    func start() async throws {
        let router = Router()
        router.add(middleware: FaultsBeforeSandbox(fake: self))
        sandbox.addRoutes(to: router)
        let (ports, listening) = AsyncStream<Int>.makeStream()
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in listening.yield(channel.localAddress?.port ?? 0) }, logger: Self.logger)
        let group = ServiceGroup(configuration: .init(services: [application], logger: Self.logger))
        let task = Task {
            defer { listening.finish() }
            try await group.run()
        }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else { throw FakeProblem("the sandbox did not start") }
        running.withLock { $0 = Running(port: port, group: group, task: task) }
    }

    func stop() async {
        let running = running.withLock { running in
            defer { running = nil }
            return running
        }
        await running?.group.triggerGracefulShutdown()
        _ = await running?.task.result
    }

    func arm(_ fault: FakeFault, on operation: FakeOperation, times: Int) {
        faults.arm(fault, on: operation, times: times)
    }

    func calls(_ operation: FakeOperation) -> Int { counted.withLock { $0[operation, default: 0] } }
}

// The buyer and the books.
extension FakeSandbox {
    func pay(_ tradeNumber: String) async throws -> String { try await pay(tradeNumber, atThePrompt: false) }

    func payAtThePrompt(_ tradeNumber: String) async throws -> String { try await pay(tradeNumber, atThePrompt: true) }

    private func pay(_ tradeNumber: String, atThePrompt: Bool) async throws -> String {
        let outcome = await sandbox.books.pay(tradeNumber, atThePrompt: atThePrompt, at: clock.now())
        guard case .paid(_, let payment, _) = outcome else { throw FakeProblem("\(tradeNumber) can't be paid") }
        return payment.transactionID
    }

    func trade(_ number: String) async -> FakeTrade? {
        await sandbox.books.trade(number).map { FakeTrade($0, at: clock.now()) }
    }

    var trades: [FakeTrade] {
        get async { await sandbox.books.allTrades().map { FakeTrade($0, at: clock.now()) } }
    }

    func notice(ofPayment tradeNumber: String) async throws -> FakeNotice {
        guard let trade = await sandbox.books.trade(tradeNumber), let payment = trade.payment else {
            throw FakeProblem("\(tradeNumber) was not paid")
        }
        return notice(SandboxNotices.Letter(paid: trade, payment, trouble: nil))
    }

    func notice(ofRefund refundNumber: String) async throws -> FakeNotice? {
        let trades = await sandbox.books.allTrades()
        for trade in trades {
            guard let refund = trade.refunds.first(where: { $0.number == refundNumber }) else { continue }
            return notice(SandboxNotices.Letter(refunded: trade, refund))
        }
        throw FakeProblem("unknown refund \(refundNumber)")
    }

    func refundInConsole(_ tradeNumber: String, amount: Int64) async throws -> String {
        let outcome = await sandbox.books.refundByHand(tradeNumber, amount: amount, at: clock.now())
        guard case .made(_, let refund) = outcome else { throw FakeProblem("\(tradeNumber) can't be refunded") }
        return refund.number
    }

    private func notice(_ letter: SandboxNotices.Letter) -> FakeNotice {
        let body = SandboxWire.encode(letter.notice)
        let signature = signer.sign(body, for: .notice(channel: letter.notice.channel), at: clock.now())
        return FakeNotice(headers: signature.headers.map { FakeHeader($0.name, $0.value) }, body: body)
    }

    func expects(_ status: Int, _ contentType: String?, _ body: [UInt8]) -> Bool {
        status == 200 && body.elementsEqual("success".utf8)
    }
}

// Faults.
extension FakeSandbox {
    fileprivate func respond(
        to request: Request, _ next: (Request) async throws -> Response
    ) async throws -> Response {
        guard let operation = FakeOperation(path: request.uri.path) else { return try await next(request) }
        counted.withLock { $0[operation, default: 0] += 1 }
        guard let fault = faults.take(for: operation) else { return try await next(request) }
        if let trouble = CallTrouble(fault) {
            let fault = SandboxFault(trouble: .call(operation.wire, trouble), channel: nil, times: 1)
            await sandbox.books.setFaults(SandboxFaults([fault]))
            return try await next(request)
        }
        switch fault {
        case .slow:
            try await Task.sleep(for: FakeServer.slowness)
            return try await next(request)
        case .tooOften: return .problem(.tooManyRequests, "injected fault")
        default:
            var response = try await next(request)
            let signature = response.headers[.sandboxSignature] ?? ""
            let wrong = String(signature.reversed())
            response.headers[.sandboxSignature] = fault == .unsigned ? nil : wrong
            return response
        }
    }
}

private struct FaultsBeforeSandbox: RouterMiddleware {
    typealias Context = BasicRequestContext

    let fake: FakeSandbox

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        try await fake.respond(to: request) { try await next($0, context) }
    }
}

extension FakeOperation {
    fileprivate init?(path: String) {
        guard let found = Self.allCases.first(where: { path.hasSuffix($0.wire.path) }) else { return nil }
        self = found
    }

    fileprivate var wire: SandboxWire.Operation {
        switch self {
        case .create: .create
        case .query: .query
        case .close: .close
        case .refund: .refund
        case .follow: .refundQuery
        }
    }
}

extension CallTrouble {
    /// Nil for a fault that the sandbox does not have itself. The sandbox's own slowness follows the clock of the test.
    fileprivate init?(_ fault: FakeFault) {
        switch fault {
        case .timeout: self = .timeout
        case .lost: self = .lost
        case .error: self = .error
        case .refused: self = .refused
        case .garbage: self = .garbage
        case .closeTooEarly: self = .closeTooEarly
        case .noSuchTrade: self = .noSuchTrade
        case .slow, .unsigned, .badlySigned, .tooOften: return nil
        // The sandbox has no such codes; its refusal stands for them.
        case .unlisted, .lowBalance: self = .refused
        }
    }
}

extension FakeTrade {
    fileprivate init(_ trade: SandboxTrade, at now: Instant) {
        let particulars = trade.particulars
        let state: State =
            switch trade.state(at: now) {
            case .unpaid: .unpaid
            case .paid: .paid
            case .closed: .closed
            case .refunded: .refunded
            }
        self.init(
            number: trade.number, amount: particulars.amount, currency: particulars.currency,
            particulars: particulars.subject, state: state, creates: trade.creates)
        transactionID = trade.payment?.transactionID
        refunds = trade.refunds.map { Refund(number: $0.number, amount: $0.amount, isDone: true, at: $0.at) }
    }
}
