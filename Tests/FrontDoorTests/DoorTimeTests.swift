import PayAPI
import PayTestSupport
import ServiceTestSupport
import Testing

@testable import FrontDoor

/// The timeouts of a connection. The tests move the door's time by hand.
@Suite(.timeLimit(.minutes(5))) struct DoorTimeTests {
    @Test func `the request timeout starts at the first byte, and later bytes don't extend it`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            await service.withoutOthers()
            let connection = try KeptConnection(port: service.port)
            connection.write("G")
            await service.wait(for: 1, .receiving)
            for byte in "ET / HTTP/1.1\r\nX: yyyyyyyyyyyyyyy" {
                service.pass(seconds: 1)
                connection.write(String(byte))
                if service.connections(.receiving) == 0 { break }
            }
            expectProblem(try await connection.answer(), 408, "REQUEST_TIMEOUT")
            try await connection.waitForEnd()
            #expect(service.metric(#"paypage_http_connections_closed_total{reason="slow_request"}"#) == "1")
        }
    }

    @Test func `a request that arrives within the timeout is served`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            await service.withoutOthers()
            let connection = try KeptConnection(port: service.port)
            let request = KeptConnection.request(KeptConnection.repay, body: "{}")
            connection.write(String(request.dropLast()))
            await service.wait(for: 1, .receiving)
            service.pass(seconds: 30)
            connection.write("}")
            #expect(try await connection.answer().status == 200)
        }
    }

    @Test(arguments: [KeptConnection.repay, "POST /v1/payments HTTP/1.1", "POST /v1/notices/sandbox HTTP/1.1"])
    func `a body that does not arrive in time gets a 408 on every route`(line: String) async throws {
        try await withBothLanes { (service: TestService) async throws in
            await service.withoutOthers()
            let connection = try KeptConnection(port: service.port)
            let fields = ["Content-Type: application/json", "Content-Length: 1000"]
            connection.write(KeptConnection.request(line, fields))
            await service.wait(for: 1, .receiving)
            service.pass(seconds: 15)
            connection.write("{")
            service.pass(seconds: 16)
            expectProblem(try await connection.answer(), 408, "REQUEST_TIMEOUT")
            try await connection.waitForEnd()
        }
    }

    @Test func `a slow call is not timed out by the front door`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            await service.withoutOthers()
            let connection = try KeptConnection(port: service.port)
            connection.write(KeptConnection.request("GET /v1/payments/\(Sample.number)/events HTTP/1.1"))
            #expect(try await connection.status() == 200)
            await service.wait(for: 1, .answering)
            service.pass(seconds: 3_600)
            #expect(service.connections(.answering) == 1)
        }
    }

    @Test(arguments: ["", KeptConnection.request(KeptConnection.page), KeptConnection.request("GET /healthz HTTP/1.1")])
    func `an idle connection is closed after the idle timeout, and not before`(said: String) async throws {
        try await withBothLanes { (service: TestService) async throws in
            await service.withoutOthers()
            let connection = try KeptConnection(port: service.port)
            for _ in 0..<3 {
                connection.write(said)
                if !said.isEmpty { #expect(try await connection.answer().status == 200) }
                await service.wait(for: 1, .idle)
                if !said.isEmpty { service.pass(seconds: 75) }
            }
            service.pass(seconds: 75)
            if said.isEmpty { #expect(service.connections == 1) }
            service.pass(seconds: 1)
            try await connection.waitForEnd()
            #expect(service.metric(#"paypage_http_connections_closed_total{reason="idle"}"#) != "0")
        }
    }

    @Test(arguments: [KeptConnection.page, "GET /openapi.yaml HTTP/1.1"])
    func `a client that does not read its responses is disconnected`(line: String) async throws {
        try await withBothLanes { (service: TestService) async throws in
            await service.withoutOthers()
            let connection = try KeptConnection(port: service.port, receiveBuffer: 4_096)
            let request = KeptConnection.request(line, ["X-Padding: " + String(repeating: "x", count: 6_000)])
            _ = try await connection.writeUntilHeldBack(request, most: 24 << 20) { service.connections(.unread) == 1 }
            await service.wait(for: 1, .unread)
            service.pass(seconds: 30)
            #expect(service.connections == 1)
            service.pass(seconds: 1)
            await service.waitForConnections(0)
        }
    }

    @Test func `a connection lingers for two seconds after its last response`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            await service.withoutOthers()
            let connection = try KeptConnection(port: service.port)
            connection.write("CONNECT a:1 HTTP/1.1\r\n\r\n")
            #expect(try await connection.answer().status == 405)
            await service.wait(for: 1, .lingering)
            service.pass(seconds: 2)
            #expect(service.connections == 1)
            service.pass(seconds: 1)
            await service.waitForConnections(0)
        }
    }

    @Test func `bytes after an event stream's request are dropped, and a disconnect is noticed`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            await service.withoutOthers()
            let connection = try KeptConnection(port: service.port)
            connection.write(KeptConnection.request("GET /v1/payments/\(Sample.number)/events HTTP/1.1"))
            #expect(try await connection.status() == 200)
            await service.waitForStreams(1)
            connection.write(String(repeating: "x", count: 500_000))
            connection.write(KeptConnection.request(KeptConnection.page))
            let reader = try await service.follow()
            #expect(await reader.nextEvent() != nil)
            #expect(service.live.count == 2)
            connection.endWriting()
            await service.waitForStreams(1)
        }
    }

    @Test func `a client that sends endlessly after an event stream's request is disconnected`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            let connection = try KeptConnection(port: service.port)
            connection.write(KeptConnection.request("GET /v1/payments/\(Sample.number)/events HTTP/1.1"))
            #expect(try await connection.status() == 200)
            await service.waitForStreams(1)
            connection.write(String(repeating: "x", count: 8 << 20))
            await service.waitForStreams(0)
        }
    }

    @Test func `pipelined requests wait for the current one, and the rest stays unread`() async throws {
        try await withBothLanes { (service: TestService) async throws in
            try await service.setFaults([["operation": "create", "fault": "slow", "ms": 5]])
            let connection = try KeptConnection(port: service.port)
            connection.write(
                KeptConnection.request(
                    "POST /v1/payments HTTP/1.1", id: "first", ["Idempotency-Key: k2"],
                    body: Sample.body("order_2").text))
            await service.clock.waitForSleepers()
            // The requests are long, because the system buffers some megabytes.
            let request = KeptConnection.request(
                KeptConnection.page, id: "next", ["X-Padding: " + String(repeating: "x", count: 6_000)])
            let most = 24 << 20
            let sent = try await connection.writeUntilHeldBack(request, most: most)
            #expect(sent < most)
            service.clock.advance(by: .milliseconds(5))
            let answers = try await connection.answers(1 + sent / request.utf8.count)
            #expect(answers.first?.requestID == "first")
            #expect(answers.dropFirst().allSatisfy { $0.status == 200 && $0.requestID == "next" })
        }
    }
}
