import Dispatch
import Testing

@testable import PayProviders

/// Requests and replies pass through unchanged.
@Suite struct ExchangeTests {
    /// Every byte once, which is not valid text in any encoding.
    private let everyByte = (0...255).map { UInt8($0) }

    @Test func `the bytes of the body and of the reply are exact`() async throws {
        let server = LoopbackServer { connection in
            while let request = connection.read() { connection.answer(request.body.reversed()) }
        }
        let request = ProviderRequest(method: .post, url: server.url, body: everyByte)

        let reply = try await withTransport { try await $0.send(request) }

        #expect(server.requests.map(\.body) == [everyByte])
        #expect(reply.body == everyByte.reversed())
    }

    @Test(arguments: ProviderRequest.Method.allCases, [[], Array("a=b".utf8)])
    func `each method goes out under its own name, with its body and the length of it`(
        method: ProviderRequest.Method, body: [UInt8]
    ) async throws {
        let server = LoopbackServer { $0.answerAll() }
        let request = ProviderRequest(method: method, url: server.url + "/v3/pay/../trades?b=2&a=%2f", body: body)

        let reply = try await withTransport { try await $0.send(request) }

        let seen = try #require(server.requests.first)
        let saysLength = seen.head.contains("Content-Length: \(body.count)\r\n")
        #expect(reply.status == 200)
        #expect(seen.line == "\(method.rawValue) /v3/pay/../trades?b=2&a=%2f HTTP/1.1")
        #expect(seen.body == body)
        #expect(saysLength == (method == .post || method == .put || !body.isEmpty))
    }

    @Test func `the headers given go out, and none that libcurl makes up for a body`() async throws {
        let server = LoopbackServer { $0.answerAll() }
        let request = ProviderRequest(
            method: .post,
            url: server.url,
            headers: [Header(name: "Authorization", value: "Bearer 秘"), Header(name: "X-Empty", value: "")],
            body: [UInt8](repeating: 1, count: 2_000_000)
        )

        _ = try await withTransport { try await $0.send(request) }

        let head = try #require(server.requests.first?.head)
        #expect(head.contains("\r\nAuthorization: Bearer 秘\r\n"))
        #expect(head.contains("\r\nX-Empty:\r\n"))
        #expect(!head.contains("Expect"))
        #expect(!head.contains("Content-Type"))
    }

    @Test(arguments: [200, 302, 400, 404, 500, 503])
    func `an answer with any status is a reply`(status: Int) async throws {
        let server = LoopbackServer { connection in
            while connection.read() != nil {
                connection.answer([1, 2], status: "\(status) Said", headers: ["Location: /elsewhere"])
            }
        }

        let reply = try await withTransport { try await $0.send(.create(server.url)) }

        #expect(reply.status == status)
        #expect(reply.body == [1, 2])
    }

    @Test func `a redirect is returned, never followed`() async throws {
        let elsewhere = LoopbackServer { $0.answerAll() }
        let target = elsewhere.url
        let server = LoopbackServer { connection in
            while connection.read() != nil { connection.answer(status: "302 Found", headers: ["Location: \(target)"]) }
        }

        let reply = try await withTransport { try await $0.send(.get(server.url)) }

        #expect(reply.status == 302)
        #expect(reply.header("LOCATION") == target)
        #expect(elsewhere.connections == 0)
    }

    @Test func `a reply in chunks that trickle is put together`() async throws {
        let server = LoopbackServer { connection in
            guard connection.read() != nil else { return }
            for byte in "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n".utf8 {
                connection.write([byte])
            }
            connection.waitForHangUp()
        }

        let reply = try await withTransport { try await $0.send(.get(server.url)) }

        #expect(reply.body == Array("abcde".utf8))
    }

    @Test func `only the headers of the answer itself are its headers`() async throws {
        let server = LoopbackServer { connection in
            guard connection.read() != nil else { return }
            connection.write("HTTP/1.1 103 Early Hints\r\nSignature: early\r\n\r\n")
            connection.write("HTTP/1.1 200 OK\r\nsignature:  real \r\nTransfer-Encoding: chunked\r\n\r\n")
            connection.write("1\r\nx\r\n0\r\nSignature-Two: late\r\n\r\n")
            connection.waitForHangUp()
        }

        let reply = try await withTransport { try await $0.send(.get(server.url)) }

        #expect(reply.header("Signature") == "real")
        #expect(reply.header("Signature-Two") == nil)
        #expect(reply.body == [UInt8(ascii: "x")])
    }

    @Test func `a connection is used again`() async throws {
        let server = LoopbackServer { $0.answerAll() }

        try await withTransport { transport in
            for _ in 1...20 { _ = try await transport.send(.create(server.url)) }
        }

        #expect(server.requests.count == 20)
        #expect(server.connections == 1)
    }

    @Test func `200 concurrent requests get their own replies within the connection limit`() async throws {
        let server = LoopbackServer { connection in
            while let request = connection.read() { connection.answer(request.body) }
        }
        var limits = CurlTransport.Limits.patient
        limits.connectionsPerHost = 8

        let failures = await withTransport(limits) { transport in
            await withTaskGroup(of: String?.self) { group in
                for number in 1...200 {
                    let body = Array("request \(number)".utf8)
                    group.addTask {
                        let request = ProviderRequest(method: .post, url: server.url, body: body)
                        do {
                            return try await transport.send(request).body == body ? nil : "\(number) got another's"
                        } catch {
                            let arrived = server.requests.first { $0.body == body }
                            return "\(number) \(arrived.map { "came over \($0.connection)" } ?? "never came"): \(error)"
                        }
                    }
                }
                var failures: [String] = []
                for await case let failure? in group { failures.append(failure) }
                return failures
            }
        }

        #expect(failures == [])
        #expect(server.requests.count == 200)
        #expect(server.connections <= 8)
    }

    @Test func `waiting for a connection does not use up the connect time-out`() async throws {
        let mayAnswer = DispatchSemaphore(value: 0)
        let server = LoopbackServer { connection in
            guard connection.read() != nil else { return }
            mayAnswer.wait()
            connection.answer()
            connection.answerAll()
        }
        let full = FullPort()
        var limits = CurlTransport.Limits(connectTimeout: .milliseconds(300), totalTimeout: .seconds(60))
        limits.connectionsPerHost = 1

        let errors = await withTransport(limits) { transport in
            async let first = transport.failure(.create(server.url))
            await server.received(1)
            async let queued = transport.failure(.create(server.url))
            // This request fails at the connect time-out. The queued one has waited longer.
            let connecting = await transport.failure(.create("http://127.0.0.1:\(full.port)/"))
            #expect(connecting?.reason == .connectTimedOut)
            mayAnswer.signal()
            return await [first, queued]
        }

        #expect(errors == [nil, nil])
        #expect(server.requests.count == 2)
    }
}
