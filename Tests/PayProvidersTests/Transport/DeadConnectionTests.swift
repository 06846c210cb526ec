import Testing

@testable import PayProviders

/// A kept-alive connection that closes. libcurl would send the request again, which a create does not allow.
@Suite struct DeadConnectionTests {
    @Test(arguments: [ProviderRequest.Method.post, .put, .delete], [[], Array("a=b".utf8)])
    func `a request that met a dying connection is not sent again, and may have arrived`(
        method: ProviderRequest.Method, body: [UInt8]
    ) async throws {
        let server = LoopbackServer(answerOnceThenHangUp)
        let request = ProviderRequest(method: method, url: server.url, body: body)

        let error = try await withTransport { transport in
            _ = try await transport.send(request)
            return await transport.failure(request)
        }

        #expect(error == TransportError(.mayHaveArrived, .connectionBroken))
        #expect(server.requests.map(\.connection) == [1, 1])
    }

    @Test func `a get that met a dying connection is sent again`() async throws {
        let server = LoopbackServer(answerOnceThenHangUp)

        let reply = try await withTransport { transport in
            _ = try await transport.send(.get(server.url))
            return try await transport.send(.get(server.url))
        }

        #expect(reply.status == 200)
        #expect(server.requests.map(\.connection) == [1, 1, 2])
    }

    @Test func `a get whose second try can't connect may have arrived`() async throws {
        let server = LoopbackServer { connection in
            _ = connection.read()
            connection.answer()
            _ = connection.read()
        }

        let error = try await withTransport { transport in
            _ = try await transport.send(.get(server.url))
            server.stopListening()
            return await transport.failure(.get(server.url))
        }

        #expect(error == TransportError(.mayHaveArrived, .connectionBroken))
    }

    @Test func `a connection that the server has closed is not used again`() async throws {
        let server = LoopbackServer { connection in
            guard connection.read() != nil else { return }
            connection.answer()
            connection.hangUp()
        }

        try await withTransport { transport in
            for number in 1...3 {
                _ = try await transport.send(.create(server.url))
                await server.received(2 * number)
            }
        }

        #expect(server.requests.map(\.connection) == [1, 1, 2, 2, 3, 3])
    }

    /// Answers a connection's first request, and closes it at the second.
    private let answerOnceThenHangUp: @Sendable (Conversation) -> Void = { connection in
        guard connection.read() != nil else { return }
        connection.answer()
        _ = connection.read()
    }
}
