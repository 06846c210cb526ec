import Testing

@testable import PayProviders

/// Each way in which a request can fail, and whether it may have reached the server.
@Suite struct FailureTests {
    @Test(
        arguments: [
            ("file:///etc/passwd", .schemeNotAllowed),
            ("ftp://127.0.0.1/x", .schemeNotAllowed),
            ("gopher://127.0.0.1/x", .schemeNotAllowed),
            ("FILE://localhost/etc/passwd", .schemeNotAllowed),
            ("127.0.0.1:80/x", .badURL),
            ("ftp.example.com/x", .badURL),
            ("", .badURL),
            ("http://", .badURL),
            ("http://127.0.0.1:99999/", .badURL),
            ("http://127.0.0.1/a b", .badURL),
            ("http://127.0.0.1/\r\nX: y", .badURL),
            ("http://user:word@127.0.0.1/", .badURL),
        ] as [(String, TransportError.Reason)])
    func `a URL that isn't plain http or https is refused before anything is sent`(
        url: String, reason: TransportError.Reason
    ) async {
        let error = await withTransport { await $0.failure(.get(url)) }

        #expect(error == TransportError(.neverSent, reason))
    }

    @Test(arguments: [
        ("X-Note", "a\r\nHost: elsewhere"), ("X-Note", "a\0b"), ("X Note", "a"), ("X:", "a"), ("", "a"),
        ("content-length", "0"), ("Transfer-Encoding", "chunked"),
    ])
    func `a header that would change the message around it is refused before anything is sent`(
        name: String, value: String
    ) async {
        let server = LoopbackServer { $0.answerAll() }
        let header = Header(name: name, value: value)
        let request = ProviderRequest(method: .post, url: server.url, headers: [header])

        let error = await withTransport { await $0.failure(request) }

        #expect(error == TransportError(.neverSent, .badHeader))
        #expect(server.connections == 0)
    }

    @Test func `a name that can't be resolved was never sent to`() async {
        // A label of 64 letters, which resolvers reject without a network query.
        let url = "http://\(String(repeating: "a", count: 64)).invalid/"

        let error = await withTransport { await $0.failure(.create(url)) }

        #expect(error == TransportError(.neverSent, .couldNotResolve))
    }

    @Test func `a refused connection was never sent to`() async {
        let deaf = DeafPort()

        let error = await withTransport { await $0.failure(.create("http://127.0.0.1:\(deaf.port)/")) }

        #expect(error == TransportError(.neverSent, .couldNotConnect))
    }

    @Test func `a time-out while connecting was never sent`() async {
        let full = FullPort()

        let error = await withTransport(.init(connectTimeout: .milliseconds(200))) {
            await $0.failure(.create("http://127.0.0.1:\(full.port)/"))
        }

        #expect(error == TransportError(.neverSent, .connectTimedOut))
    }

    @Test func `a time-out in the TLS handshake was never sent`() async {
        let server = LoopbackServer { $0.waitForHangUp() }

        let error = await withTransport(.init(connectTimeout: .milliseconds(200))) {
            await $0.failure(.create("https://127.0.0.1:\(server.port)/"))
        }

        #expect(error == TransportError(.neverSent, .connectTimedOut))
    }

    @Test func `a server that speaks no TLS was never sent to`() async {
        let server = LoopbackServer { connection in
            connection.write("HTTP/1.1 400 Bad Request\r\n\r\n")
            connection.waitForHangUp()
        }

        let error = await withTransport { await $0.failure(.create("https://127.0.0.1:\(server.port)/")) }

        #expect(error == TransportError(.neverSent, .tlsFailed))
    }

    @Test func `a time-out while waiting for the answer may have arrived`() async {
        let server = LoopbackServer { connection in
            _ = connection.read()
            connection.waitForHangUp()
        }

        let error = await withTransport(.hasty) { await $0.failure(.create(server.url)) }

        #expect(error == TransportError(.mayHaveArrived, .timedOut))
        #expect(server.requests.count == 1)
    }

    @Test func `a time-out while the answer trickles may have arrived`() async {
        let server = LoopbackServer { connection in
            _ = connection.read()
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
            connection.waitForHangUp()
        }

        let error = await withTransport(.hasty) { await $0.failure(.create(server.url)) }

        #expect(error == TransportError(.mayHaveArrived, .timedOut))
    }

    @Test(
        arguments: [
            ("", .connectionBroken),
            ("HTTP/1.1 200 OK\r\nContent-Le", .connectionBroken),
            ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", .connectionBroken),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", .connectionBroken),
            ("<html>garbage</html>\r\n\r\n", .malformedAnswer),
            ("HTTP/1.1 999999 OK\r\n\r\n", .malformedAnswer),
            ("HTTP/1.1 000 OK\r\nContent-Length: 0\r\n\r\n", .malformedAnswer),
        ] as [(String, TransportError.Reason)])
    func `a request whose answer is cut off or no answer at all may have arrived`(
        answer: String, reason: TransportError.Reason
    ) async {
        let server = LoopbackServer { connection in
            _ = connection.read()
            connection.write(answer)
        }

        let error = await withTransport { await $0.failure(.create(server.url)) }

        #expect(error == TransportError(.mayHaveArrived, reason))
        #expect(server.requests.count == 1)
    }
}
