import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// An HTTP server on a free port of 127.0.0.1 that passes each request to a function and records it.
public final class FakeServer: Sendable {
    public typealias Handler = @Sendable (FakeRequest) async -> FakeReply

    /// The delay of a slow answer, below every time-out in the tests. It uses the real clock, so no test may assert it.
    public static let slowness = Duration.milliseconds(50)

    /// Larger than any request of ours.
    static let largestBodyBytes = 1_048_576

    private struct Running {
        let port: Int
        let group: ServiceGroup
        let task: Task<Void, any Error>
        let gate: FakeGate
    }

    private let running = Mutex<Running?>(nil)
    private let received = Mutex<[FakeRequest]>([])

    public init() {}

    /// Without a trailing slash. Valid only while the server runs.
    public var baseURL: String { "http://127.0.0.1:\(port)" }

    public var port: Int {
        guard let port = running.withLock({ $0?.port }) else { preconditionFailure("the fake isn't running") }
        return port
    }

    /// Every request, oldest first.
    public var requests: [FakeRequest] { received.withLock { $0 } }

    public func start(_ handler: @escaping Handler) async throws {
        var logger = Logger(label: "fake")
        logger.logLevel = .critical
        let gate = FakeGate()
        let (ports, listening) = AsyncStream<Int>.makeStream()
        let application = Application(
            responder: CallbackResponder { [self] (request: Request, _: BasicRequestContext) in
                try await respond(to: request, gate, handler)
            },
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in listening.yield(channel.localAddress?.port ?? 0) }, logger: logger)
        let group = ServiceGroup(configuration: .init(services: [application], logger: logger))
        let task = Task {
            defer { listening.finish() }
            try await group.run()
        }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next(), port != 0 else {
            try await task.value
            throw FakeProblem("the fake server did not start")
        }
        running.withLock { $0 = Running(port: port, group: group, task: task, gate: gate) }
    }

    /// Releases held connections, and returns when no answer is in progress. Idempotent.
    public func stop() async {
        let running = running.withLock { running in
            defer { running = nil }
            return running
        }
        guard let running else { return }
        running.gate.open()
        await running.group.triggerGracefulShutdown()
        _ = await running.task.result
    }

    private func respond(to request: Request, _ gate: FakeGate, _ handler: Handler) async throws -> Response {
        var request = request
        let body = Array(try await request.collectBody(upTo: Self.largestBodyBytes).readableBytesView)
        let asked = FakeRequest(request, body: body)
        received.withLock { $0.append(asked) }
        switch await handler(asked) {
        case .answer(let status, let headers, let body):
            return Response(
                status: .init(code: status), headers: HTTPFields(headers),
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
        case .silence:
            _ = try? await request.body.consumeWithCancellationOnInboundClose { _ in await gate.wait() }
            return .brokenOff
        case .brokenOff: return .brokenOff
        }
    }
}

/// Runs a body with a new server.
public func withFakeServer<Value>(
    _ handler: @escaping FakeServer.Handler, _ body: (FakeServer) async throws -> Value
) async throws -> Value {
    let server = FakeServer()
    try await server.start(handler)
    do {
        let value = try await body(server)
        await server.stop()
        return value
    } catch {
        await server.stop()
        throw error
    }
}

extension FakeRequest {
    fileprivate init(_ request: Request, body: [UInt8]) {
        let target = request.head.path ?? "/"
        let mark = target.firstIndex(of: "?")
        self.init(
            method: request.method.rawValue, path: String(target[..<(mark ?? target.endIndex)]),
            query: mark.map { String(target[target.index(after: $0)...]) },
            headers: request.headers.map { FakeHeader($0.name.rawName, $0.value) }, body: body)
    }
}

extension HTTPFields {
    fileprivate init(_ headers: [FakeHeader]) {
        self.init()
        for header in headers {
            guard let name = HTTPField.Name(header.name) else { preconditionFailure("no header: \(header.name)") }
            append(HTTPField(name: name, value: header.value))
        }
    }
}

extension Response {
    /// Announces a byte and breaks off instead.
    fileprivate static var brokenOff: Response {
        Response(
            status: .gatewayTimeout, headers: [.connection: "close"],
            body: ResponseBody(contentLength: 1) { _ in throw ChannelError.inputClosed })
    }
}

/// Holds requests that are never answered.
final class FakeGate: Sendable {
    private struct State {
        var isOpen = false
        var last = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var cancelled: Set<Int> = []
    }

    private let state = Mutex(State())

    /// Returns when the gate is opened or the task is cancelled.
    func wait() async {
        let name = state.withLock { state in
            state.last += 1
            return state.last
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                let goesOn = state.withLock { state in
                    let goesOn = state.isOpen || state.cancelled.remove(name) != nil
                    if !goesOn { state.waiting[name] = waiter }
                    return goesOn
                }
                if goesOn { waiter.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.waiting.removeValue(forKey: name)
                if waiter == nil { state.cancelled.insert(name) }
                return waiter
            }
            waiter?.resume()
        }
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for waiter in waiting { waiter.resume() }
    }
}
