import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import PayAPI
import PayAccess
import PayConsole
import PayCore
import PayFlow
import PayTestSupport
import ServiceLifecycle
import ServiceTestSupport
import Synchronization

/// A console on a free port of loopback, beside a service with the same database and clock.
struct TestConsole: Sendable {
    let service: TestService
    let operators: OperatorsInMemory
    let port: Int

    var clock: HandMovedClock { service.clock }

    /// A browser without cookies.
    func browser() -> ConsoleBrowser { ConsoleBrowser(console: self) }

    /// A browser with a session of an operator of this role. The operator's name is the role's name, unless given.
    func signedIn(_ role: OperatorRole, as name: String? = nil) -> ConsoleBrowser {
        let token = RandomToken()
        operators.add(
            OperatorSession(
                id: token.digest, name: OperatorName(name ?? role.rawValue)!, role: role, begunAt: clock.now(),
                usedAt: clock.now(), origin: PersonName("127.0.0.1")))
        return ConsoleBrowser(console: self, token: token)
    }
}

/// Runs the body with a service and its console.
func withConsole(
    _ setup: TestSetup = TestSetup(), rules: ConsoleRules = ConsoleRules(refundLimit: 10_000),
    _ body: @Sendable (TestConsole) async throws -> Void
) async throws {
    try await withService(setup) { service in
        let operators = OperatorsInMemory()
        let console = Console(
            ConsoleParts(
                flows: service.flows, store: service.database, operators: operators, live: service.live,
                clock: service.clock, rules: rules, metrics: service.metrics, accessLog: service.api.accessLog,
                logger: service.api.logger))
        let (ports, running) = AsyncStream<Int>.makeStream()
        let application = Application(
            router: console.router(), configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in running.yield(channel.localAddress?.port ?? 0) },
            logger: service.api.logger)
        let group = ServiceGroup(configuration: .init(services: [application], logger: service.api.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            var iterator = ports.makeAsyncIterator()
            guard let port = await iterator.next() else { throw TestServiceError(text: "the console didn't listen") }
            let outcome: Result<Void, any Error>
            do {
                try await body(TestConsole(service: service, operators: operators, port: port))
                outcome = .success(())
            } catch {
                outcome = .failure(error)
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try outcome.get()
        }
    }
}

/// Operators' sessions without a database.
final class OperatorsInMemory: OperatorStore {
    private let sessions = Mutex<[SecretDigest: OperatorSession]>([:])

    func add(_ session: OperatorSession) {
        sessions.withLock { $0[session.id] = session }
    }

    func session(_ id: SecretDigest) async throws -> OperatorSession? {
        sessions.withLock { $0[id] }
    }

    func noteUse(of session: SecretDigest, at now: Instant) async throws {
        sessions.withLock { sessions in
            guard let old = sessions[session] else { return }
            sessions[session] = OperatorSession(
                id: old.id, name: old.name, role: old.role, begunAt: old.begunAt, usedAt: now, origin: old.origin)
        }
    }
}
