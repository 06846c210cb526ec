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
import Testing

/// A console on a free port of loopback, beside a service with the same database and clock.
struct TestConsole: Sendable {
    let service: TestService
    /// Cheap hashes, for tests.
    let passwords: Passwords
    let port: Int

    var clock: HandMovedClock { service.clock }

    var store: any Store { service.database }

    /// A browser without cookies.
    func browser() -> ConsoleBrowser { ConsoleBrowser(console: self) }

    /// A browser with a session of an operator of this role, who is added unless there is one. The operator's name is the
    /// role's name, unless given.
    func signedIn(_ role: OperatorRole, as name: String? = nil) async throws -> ConsoleBrowser {
        let name = name ?? role.rawValue
        if try await store.operatorAccount(OperatorName(name)!) == nil { try await add(name, role) }
        let token = RandomToken()
        let session = OperatorSession(
            id: token.digest, name: OperatorName(name)!, role: role, begunAt: clock.now(), usedAt: clock.now(),
            origin: PersonName("127.0.0.1"))
        try await store.updateOperator(session.name, at: clock.now()) { _ in
            OperatorDecision((), beginning: session)
        }
        return ConsoleBrowser(console: self, token: token)
    }

    static let password = "a password of these tests"

    /// Adds an operator who has set ``password``.
    func add(_ name: String, _ role: OperatorRole) async throws {
        let hash = try await passwords.hash(Secret(Self.password))
        let token = RandomToken()
        try await invite(name, role, token)
        let now = clock.now()
        try await store.updateOperator(OperatorName(name)!, at: now) { record in
            _ = record.account?.setPassword(hash, by: token.digest, at: now)
            return OperatorDecision(())
        }
    }

    /// Adds an operator who has not followed the link of the invitation.
    func invite(_ name: String, _ role: OperatorRole, _ token: RandomToken) async throws {
        let now = clock.now()
        let account = OperatorAccount(
            OperatorName(name)!, role, invitation: Invitation(token.digest, endsAt: now + Invitation.life), addedAt: now
        )
        try await store.updateOperator(account.name, at: now) { record in
            record.account = account
            return OperatorDecision(())
        }
    }

    func account(_ name: String) async throws -> OperatorAccount {
        try #require(try await store.operatorAccount(OperatorName(name)!))
    }

    /// The actions in the audit log, the first one first.
    func audited() async throws -> [AuditAction] {
        try await store.auditEntries(AuditListing(limit: 100)).map(\.note.action).reversed()
    }
}

/// Runs the body with a service and its console.
func withConsole(
    _ setup: TestSetup = TestSetup(), rules: ConsoleRules = ConsoleRules(refundLimit: 10_000),
    _ body: @Sendable (TestConsole) async throws -> Void
) async throws {
    try await withService(setup) { service in
        let passwords = Passwords(cost: .init(logRounds: 1, blockSize: 1, parallelism: 1))
        ConsoleTelemetry.declare(on: service.metrics)
        let console = Console(
            ConsoleParts(
                flows: { service.flows }, store: service.database, operators: service.database, live: service.live,
                testEndpoint: { service.api.testEndpoint }, clock: service.clock, rules: { rules },
                metrics: service.metrics, passwords: passwords,
                accessLog: service.api.accessLog, logger: service.api.logger))
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
                try await body(TestConsole(service: service, passwords: passwords, port: port))
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
