import PayTestSupport
import ServiceTestSupport
import Testing

@testable import FrontDoor

/// The connections of a service that stops.
@Suite(.timeLimit(.minutes(5))) struct DoorStopTests {
    private typealias Check = Task<Void, any Error>

    @Test func `a stop closes connections without a whole request at once, and others after their answer`()
        async throws
    {
        let (checks, begun) = AsyncStream<Check>.makeStream()
        try await withBothLanes { service in
            try await service.setFaults([["operation": "create", "fault": "slow", "ms": 5]])
            await service.withoutOthers()
            let shop = try KeptConnection(port: service.port)
            shop.write(
                KeptConnection.request(
                    "POST /v1/payments HTTP/1.1", ["Idempotency-Key: k2"], body: Sample.body("order_2").text))
            await service.clock.waitForSleepers()
            let halves = [
                "", "GET /healthz HT",
                KeptConnection.request(
                    "POST /v1/payments HTTP/1.1", ["Content-Length: 1000", "Content-Type: application/json"]),
            ]
            let unfinished = try halves.map { half in
                let connection = try KeptConnection(port: service.port)
                connection.write(half)
                return connection
            }
            await service.wait(for: 1, .idle)
            await service.wait(for: 2, .receiving)
            begun.yield(
                Task {
                    for connection in unfinished { try await connection.waitForEnd() }
                    // The provider answers only after all of them are closed.
                    service.clock.advance(by: .milliseconds(5))
                    let answer = try await shop.answer()
                    #expect(answer.status == 201)
                    #expect(answer.header("Connection") == "close")
                    try await shop.waitForEnd()
                })
        }
        begun.finish()
        for await check in checks { try await check.value }
    }

    @Test func `an answer that is read while the service stops arrives whole`() async throws {
        let length = 16 << 20
        let (checks, begun) = AsyncStream<Check>.makeStream()
        try await withBothLanes(TestSetup(largeAnswer: length, comparesLanes: false)) { service in
            await service.withoutOthers()
            let reader = try KeptConnection(port: service.port, receiveBuffer: 65_536)
            reader.write(KeptConnection.request("GET /large HTTP/1.1"))
            #expect(try await reader.status() == 200)
            await service.wait(for: 1, .unread)
            let idle = try KeptConnection(port: service.port)
            await service.wait(for: 1, .idle)
            begun.yield(
                Task {
                    // The stop has begun once this one is closed.
                    try await idle.waitForEnd()
                    #expect(try await reader.drop(length) == length)
                    try await reader.waitForEnd()
                })
        }
        begun.finish()
        for await check in checks { try await check.value }
    }
}
