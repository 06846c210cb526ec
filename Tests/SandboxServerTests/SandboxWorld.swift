import Logging
import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import ServiceLifecycle
import Synchronization

@testable import SandboxServer

/// A sandbox on a free port of loopback, with a clock that is moved by hand, and a shop that receives notices.
struct SandboxWorld: Sendable {
    static let secret = Secret("a secret that the sandbox shares with its clients")

    let clock: HandMovedClock
    let sandbox: Sandbox
    let shop: SandboxShop
    let transport: CurlTransport
    let base: String

    func provider(
        _ channel: String = "sandbox", pcKind: SandboxConfiguration.PCKind = .html, secret: Secret = secret
    ) -> SandboxProvider {
        let configuration = SandboxConfiguration(
            channel: Channel(channel)!, baseURL: base, secret: secret, pageTTL: .seconds(7_200), pcKind: pcKind,
            tradeScope: .order)
        return SandboxProvider(
            configuration, transport: GuardedTransport(transport, clock: clock), clock: clock)
    }

    func send(
        _ method: ProviderRequest.Method, _ path: String, _ body: String = "", headers: [Header] = []
    ) async throws -> ProviderReply {
        try await transport.send(
            ProviderRequest(method: method, url: base + path, headers: headers, body: Array(body.utf8)))
    }

    /// Calls as an adapter does, with any body.
    func call(
        _ operation: SandboxWire.Operation, _ body: String, signer: SandboxSigner = SandboxSigner(secret: secret)
    ) async throws -> ProviderReply {
        let signature = signer.sign(
            Array(body.utf8), for: .request(method: "POST", path: operation.path), at: clock.now())
        return try await send(.post, operation.path, body, headers: signature.headers)
    }

    func setFaults(_ list: String) async throws {
        let reply = try await send(.put, "/faults", list)
        guard reply.status == 200 else { throw SandboxWorldError(description: reply.text) }
    }

    func trade(_ number: TradeNumber) async -> SandboxTradeView? {
        await sandbox.books.trade(number.text).map { SandboxTradeView($0, at: clock.now()) }
    }
}

struct SandboxWorldError: Error, CustomStringConvertible {
    let description: String
}

/// Runs a body with a new world, and ends the world afterwards.
func withSandbox(
    publicBase: String? = nil, _ body: (SandboxWorld) async throws -> Void
) async throws {
    let clock = HandMovedClock()
    let shop = SandboxShop()
    let limits = CurlTransport.Limits(connectTimeout: .seconds(50), totalTimeout: .seconds(50))
    let transport = CurlTransport(limits: limits)
    var logger = Logger(label: "sandbox")
    logger.logLevel = .critical
    let numbers = SandboxNumbers()
    let sandbox = Sandbox(
        Sandbox.Settings(secret: SandboxWorld.secret, publicBase: publicBase),
        books: SandboxBooks(makeTransactionID: { numbers.next() }), transport: shop, clock: clock, logger: logger)
    let (ports, running) = AsyncStream<Int>.makeStream()
    let application = SandboxApplication.make(sandbox, port: 0, logger: logger) { port in running.yield(port) }
    let group = ServiceGroup(configuration: .init(services: [application], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        var iterator = ports.makeAsyncIterator()
        let port = await iterator.next() ?? 0
        let world = SandboxWorld(
            clock: clock, sandbox: sandbox, shop: shop, transport: transport,
            base: "http://127.0.0.1:\(port)/sandbox")
        let outcome = await Result { try await body(world) }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        await transport.close()
        try outcome.get()
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}

/// Transaction ids: `sbx_1`, `sbx_2`, …
final class SandboxNumbers: Sendable {
    private let last = Mutex(0)

    func next() -> String {
        last.withLock { number in
            number += 1
            return "sbx_\(number)"
        }
    }
}

/// The receiver of the notices. It acknowledges each one by default.
final class SandboxShop: ProviderTransport {
    typealias Answer = Result<ProviderReply, TransportError>

    private struct State {
        var received: [ProviderRequest] = []
        var answers: [Answer] = []
        var waiting: [(count: Int, waiter: CheckedContinuation<Void, Never>)] = []
    }

    static let success = ProviderReply(status: 200, body: Array("success".utf8))

    private let state = Mutex(State())

    var received: [ProviderRequest] { state.withLock(\.received) }

    /// Sets the answers to the next notices, in order. After them, notices are acknowledged again.
    func answer(_ answers: [Answer]) {
        state.withLock { $0.answers = answers }
    }

    func send(_ request: ProviderRequest) async throws(TransportError) -> ProviderReply {
        let (answer, ready) = state.withLock { state in
            state.received.append(request)
            let count = state.received.count
            let ready = state.waiting.filter { $0.count <= count }
            state.waiting.removeAll { $0.count <= count }
            return (state.answers.isEmpty ? .success(Self.success) : state.answers.removeFirst(), ready)
        }
        for one in ready { one.waiter.resume() }
        return try answer.get()
    }

    /// Returns when that many notices have come in total.
    func waitForNotices(_ count: Int) async {
        await withCheckedContinuation { waiter in
            let isThere = state.withLock { state in
                if state.received.count < count { state.waiting.append((count, waiter)) }
                return state.received.count >= count
            }
            if isThere { waiter.resume() }
        }
    }
}

extension ProviderReply {
    var text: String { String(decoding: body, as: UTF8.self) }
}

extension ProviderRequest {
    /// The notice as the service receives it.
    var notice: RawNotice {
        RawNotice(headers: headers.map { RawNotice.Header(name: $0.name, value: $0.value) }, body: body)
    }
}
