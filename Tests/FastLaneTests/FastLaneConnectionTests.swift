import NIOCore
import PayTestSupport
import ServiceTestSupport
import Testing

/// The behaviour of a connection whose requests go to both lanes.
@Suite(.timeLimit(.minutes(5))) struct FastLaneConnectionTests {
    private static func withPage(
        _ setup: TestSetup = TestSetup(comparesLanes: false), _ body: @Sendable (TestService) async throws -> Void
    ) async throws {
        try await withService(setup) { service in
            _ = try await service.client.pay()
            _ = try await service.client.page()
            _ = try await service.client.repay()
            try await body(service)
        }
    }

    @Test func `pipelined requests are answered in order by both lanes`() async throws {
        try await Self.withPage { service in
            let kinds: [(line: String, headers: [String], body: String?, status: Int)] = [
                (KeptConnection.page, [], nil, 200), (KeptConnection.repay, [], "{}", 200),
                ("GET /v1/payments/\(Sample.number) HTTP/1.1", [], nil, 200), (KeptConnection.page, [], nil, 200),
                (KeptConnection.page, [#"If-None-Match: "x""#], nil, 200), (KeptConnection.repay, [], nil, 200),
                ("GET /nowhere HTTP/1.1", [], nil, 404), (KeptConnection.repay, [], #"{"terminal":"tv"}"#, 400),
            ]
            let order = (0..<120).map { ($0 * 7 + $0 / 8 * 3) % kinds.count }
            let connection = try KeptConnection(port: service.port)
            connection.write(
                order.enumerated().map { place, kind in
                    KeptConnection.request(
                        kinds[kind].line, id: "r\(place)", kinds[kind].headers, body: kinds[kind].body)
                }.joined())
            let answers = try await connection.answers(order.count)
            #expect(answers.map(\.requestID) == order.indices.map { "r\($0)" })
            #expect(answers.map(\.status) == order.map { kinds[$0].status })
        }
    }

    @Test(arguments: [0, 1, 400, 600, 5_000])
    func `a request body of any size may arrive in any pieces`(padding: Int) async throws {
        try await Self.withPage { service in
            let expected = try await service.client.repay()
            let body = "{" + String(repeating: " ", count: padding) + #""terminal":"pc"}"#
            let request = Array(KeptConnection.request(KeptConnection.repay, body: body))
            let connection = try KeptConnection(port: service.port)
            for size in [1, 7, 64, request.count] {
                for start in stride(from: max(0, request.count - 40), to: request.count, by: size) {
                    if start == max(0, request.count - 40) { connection.write(String(request[..<start])) }
                    connection.write(String(request[start..<min(start + size, request.count)]))
                }
                let answer = try await connection.answer()
                #expect(answer.status == 200)
                #expect(answer.body == expected.body)
            }
        }
    }

    /// In bytes: the limit of what the system and the service may buffer for a client before the service stops reading.
    private static let mostTaken = 24 << 20

    @Test func `a client that does not read is paused, and gets every response once it reads`() async throws {
        try await Self.withPage { service in
            let connection = try KeptConnection(port: service.port, receiveBuffer: 4_096)
            // The requests are long, because the system buffers some megabytes.
            let request = KeptConnection.request(
                KeptConnection.page, ["X-Padding: " + String(repeating: "x", count: 6_000)])
            let sent = try await connection.writeUntilHeldBack(request, most: Self.mostTaken)
            #expect(sent < Self.mostTaken)
            let whole = sent / request.utf8.count
            #expect(whole > 10)
            let answers = try await connection.answers(whole)
            #expect(answers.allSatisfy { $0.status == 200 })
            // Other clients were served meanwhile.
            #expect(try await service.client.page().status == 200)
        }
    }

    @Test func `a service that stops does not wait for an incomplete request`() async throws {
        let halves = [
            "GET /v1/pay", String(KeptConnection.request(KeptConnection.repay, body: "{}").dropLast()),
        ]
        for half in halves {
            let (connections, kept) = AsyncStream<KeptConnection>.makeStream()
            try await Self.withPage(TestSetup(comparesLanes: false)) { service in
                let connection = try KeptConnection(port: service.port)
                connection.write(KeptConnection.request(KeptConnection.page))
                #expect(try await connection.answer().status == 200)
                connection.write(half)
                kept.yield(connection)
            }
            kept.finish()
            for await connection in connections { _ = try? await connection.waitForEnd() }
        }
    }

    @Test func `a client that closes its side within a request gets a 400`() async throws {
        try await Self.withPage { service in
            for half in ["GET /v1/pay", String(KeptConnection.request(KeptConnection.repay, body: "{}").dropLast())] {
                let connection = try KeptConnection(port: service.port)
                connection.write(half)
                connection.endWriting()
                #expect(try await connection.answer().status == 400)
            }
        }
    }

    @Test func `a connection closes after the response if the client requests it`() async throws {
        try await Self.withPage { service in
            let connection = try KeptConnection(port: service.port)
            connection.write(
                KeptConnection.request(KeptConnection.page, id: "first")
                    + KeptConnection.request(KeptConnection.page, id: "last", ["Connection: close"]))
            #expect(try await connection.answers(2).map(\.requestID) == ["first", "last"])
            try await connection.waitForEnd()
        }
    }
}
