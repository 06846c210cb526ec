import Foundation
import PayProviders
import Testing

/// SIGTERM: calls in flight are finished, and no new call is accepted.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ShutdownTests {
    /// The time limit for work in progress.
    private static let longest = Duration.seconds(30)

    private static let patient = ["PAYPAGE_PROVIDER_TIMEOUT": "6s"]

    @Test func `at a shutdown a call in flight is answered, and new connections are refused`() async throws {
        try await Story.run(Self.patient) { story, sandbox, service in
            try await sandbox.plan(.slow(milliseconds: 4_000))
            let inFlight = Watched<ProviderReply?>(nil)
            async let answer = {
                let reply = try await service.firstPay("in_flight")
                inFlight.update { $0 = reply }
                return reply
            }()
            try await sandbox.faultsBegan()
            service.process.signal(SIGTERM)

            // A connection that was just being accepted may still be closed instead.
            try await poll("a new connection is refused") { () -> Void? in
                let stranger = story.client(base: service.client.base)
                do throws(TransportError) {
                    _ = try await stranger.send(.get, "/healthz")
                    return nil
                } catch {
                    return error.reason == .couldNotConnect ? () : nil
                }
            }
            #expect(inFlight.now == nil, "the call was over before the refusal: nothing was shown")

            #expect(try await answer.status == 201)
            #expect(try await service.process.waitForEnd(within: Self.longest) == .exited(0))
            let next = try await story.startService(sandbox, on: service.port)
            #expect(try await next.attempts("in_flight") == ["_1 open"])
            #expect(try await next.repay("in_flight").cacheStatus?.hasPrefix("paypage; hit") == true)
            #expect(try await sandbox.creates("in_flight_1") == 1)
        }
    }

    @Test func `lease recovery in flight does not delay the end of listening`() async throws {
        try await Story.run(["PAYPAGE_PROVIDER_TIMEOUT": "3s"]) { story, sandbox, service in
            // Given an order with an unanswered call of lease recovery.
            try await sandbox.plan(.error)
            #expect(try await service.firstPay("left_behind").status == 504)
            try await sandbox.plan(.timeout)
            try await sandbox.faultsBegan()

            // When
            service.process.signal(SIGTERM)

            // Then connections are refused while recovery waits.
            try await poll("a new connection is refused") { () -> Void? in
                do throws(TransportError) {
                    _ = try await story.client(base: service.client.base).send(.get, "/healthz")
                    return nil
                } catch {
                    return error.reason == .couldNotConnect ? () : nil
                }
            }
            #expect(service.process.end == nil, "recovery was over before the refusal: nothing was shown")
            #expect(try await service.process.waitForEnd(within: Self.longest) == .exited(0))
        }
    }

    @Test func `a provider that does not answer delays no shutdown, and the next start knows the order`() async throws {
        try await Story.run(["PAYPAGE_PROVIDER_TIMEOUT": "60s"]) { story, sandbox, service in
            try await sandbox.plan(.timeout)
            let call = Task { try? await service.firstPay("held_up") }
            try await sandbox.faultsBegan()
            service.process.signal(SIGTERM)
            // Slightly more than the limit, which is less than the call.
            #expect(try await service.process.waitForEnd(within: .seconds(50)) == .exited(1))
            #expect(await call.value == nil)
            let next = try await story.startService(sandbox, on: service.port)
            #expect(try await next.attempts("held_up") == ["_1 creating"])
        }
    }

    @Test func `a disconnected caller leaves no unfinished order`() async throws {
        try await Story.run(Self.patient) { story, sandbox, service in
            try await sandbox.plan(.slow(milliseconds: 2_000))
            let call = Task { try? await service.firstPay("gone_away") }
            try await sandbox.faultsBegan()
            call.cancel()
            _ = await call.value
            service.process.signal(SIGTERM)
            #expect(try await service.process.waitForEnd(within: Self.longest) == .exited(0))
            let next = try await story.startService(sandbox, on: service.port)
            #expect(try await next.attempts("gone_away") == ["_1 open"])
            #expect(try await sandbox.creates("gone_away_1") == 1)
        }
    }

    @Test func `at a shutdown an unanswered provider call ends with 504`() async throws {
        try await Story.run { story, sandbox, service in
            try await sandbox.plan(.timeout)
            async let answer = service.firstPay("unanswered")
            try await sandbox.faultsBegan()
            service.process.signal(SIGTERM)
            #expect(try await answer.code == "PAY_PROVIDER_UNKNOWN")
            #expect(try await service.process.waitForEnd(within: Self.longest) == .exited(0))
            let next = try await story.startService(sandbox, on: service.port)
            #expect(try await next.repayUntilPaged("unanswered").status == 200)
            #expect(try await next.attempts("unanswered") == ["_1 open"])
        }
    }

    @Test(arguments: [SIGTERM, SIGINT])
    func `an idle service and an idle sandbox stop quickly, even with open connections`(_ signal: Int32) async throws {
        try await Story.run { story in
            let (provider, sandbox) = try await story.startSandbox()
            let service = try await story.startService(sandbox)
            #expect(try await service.firstPay("idle_now").status == 201)
            #expect(try await sandbox.creates("idle_now_1") == 1)
            for process in [service.process, provider] {
                process.signal(signal)
                #expect(try await process.waitForEnd(within: .seconds(10)) == .exited(0))
            }
            // Log lines are buffered briefly; at the end they are written too.
            #expect(try await service.process.errors.all().contains { $0.contains(#""message":"service stopped""#) })
        }
    }
}
