import Testing

@testable import PayProviders

/// Answers have a size limit, which no server can exceed.
@Suite struct AnswerLimitTests {
    private let limits = CurlTransport.Limits(
        connectTimeout: .seconds(60), totalTimeout: .seconds(60), answerBytes: 1_000, answerHeaderBytes: 500
    )
    private let tooLarge = TransportError(.mayHaveArrived, .answerTooLarge)

    @Test(arguments: [0, 999, 1_000])
    func `an answer's body up to the limit is complete`(count: Int) async throws {
        let server = LoopbackServer { $0.answerAll([UInt8](repeating: 7, count: count)) }

        let reply = try await withTransport(limits) { try await $0.send(.get(server.url)) }

        #expect(reply.body.count == count)
    }

    @Test func `a request whose answer's body exceeds the limit is aborted, and may have arrived`() async {
        let server = LoopbackServer { $0.answerAll([UInt8](repeating: 7, count: 1_001)) }

        let error = await withTransport(limits) { await $0.failure(.create(server.url)) }

        #expect(error == tooLarge)
    }

    @Test func `an endless body is aborted as soon as it exceeds the limit`() async {
        let server = LoopbackServer { connection in
            _ = connection.read()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 9000000000\r\n\r\n")
            connection.write([UInt8](repeating: 7, count: 1_001))
            connection.waitForHangUp()
        }

        let error = await withTransport(limits) { await $0.failure(.create(server.url)) }

        #expect(error == tooLarge)
    }

    @Test(arguments: [
        String(repeating: "X-Many: headers\r\n", count: 100),
        "X-Long: " + String(repeating: "h", count: 600) + "\r\n",
    ])
    func `a request whose answer's headers exceed the limit is aborted, and may have arrived`(headers: String) async {
        let server = LoopbackServer { connection in
            _ = connection.read()
            connection.write("HTTP/1.1 200 OK\r\n\(headers)")
            connection.waitForHangUp()
        }

        let error = await withTransport(limits) { await $0.failure(.create(server.url)) }

        #expect(error == tooLarge)
    }

    @Test func `a request whose answer has an endless header line is aborted, and may have arrived`() async {
        let server = LoopbackServer { connection in
            _ = connection.read()
            connection.write("HTTP/1.1 200 OK\r\nX-Long: " + String(repeating: "h", count: 2_000_000))
            connection.waitForHangUp()
        }

        let error = await withTransport(limits) { await $0.failure(.create(server.url)) }

        #expect(error?.reach == .mayHaveArrived)
        #expect(error == tooLarge)
    }
}
