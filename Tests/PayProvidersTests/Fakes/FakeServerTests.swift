import PayProviders
import PayTestSupport
import ProviderFakes
import Testing

/// The server that the fakes of all providers use.
@Suite(.timeLimit(.minutes(1))) struct FakeServerTests {
    @Test func `a fake server passes requests on unchanged`() async throws {
        try await withFakeServer { request in
            .answer(200, "text/plain", "\(request.method) \(request.target) \(request.header("x-one") ?? "-")")
        } _: { server in
            let request = ProviderRequest(
                method: .post, url: server.baseURL + "/a%7Cb/c?d=%20+e&d=2",
                headers: [Header(name: "X-One", value: "1")], body: [0, 255, 13, 10])
            let reply = try await withTransport { try await $0.send(request) }
            #expect(String(decoding: reply.body, as: UTF8.self) == "POST /a%7Cb/c?d=%20+e&d=2 1")
            #expect(server.requests.map(\.body) == [[0, 255, 13, 10]])
        }
    }

    @Test func `a fake server that stops releases its held connections`() async throws {
        let server = FakeServer()
        let (arrivals, arrived) = AsyncStream<Void>.makeStream()
        try await server.start { _ in
            arrived.yield()
            return .silence
        }
        let url = server.baseURL
        async let failure = withTransport { await $0.failure(.get(url)) }
        for await _ in arrivals { break }
        await server.stop()
        #expect(await failure?.reach == .mayHaveArrived)
    }

    @Test func `a fake's broken answer counts as no answer`() async throws {
        try await withFakeServer { _ in
            .brokenOff
        } _: { server in
            let url = server.baseURL
            let failure = await withTransport { await $0.failure(.create(url)) }
            #expect(failure?.reach == .mayHaveArrived)
        }
    }

    @Test func `faults are injected in the order of arming, each as often as armed`() async {
        let faults = FakeFaultList()
        faults.arm(.refused, on: .query, times: 2)
        faults.arm(.error, on: .create)
        faults.arm(.garbage, on: .query)
        #expect(faults.take(for: .close) == nil)
        #expect((1...4).map { _ in faults.take(for: .query) } == [.refused, .refused, .garbage, nil])
        #expect(!faults.isEmpty)
        #expect(faults.take(for: .create) == .error)
        #expect(faults.isEmpty)
    }

    @Test func `faults that are alike at every provider are handled before the call is processed`() async {
        let faults = FakeFaultList()
        for fault in [FakeFault.timeout, .lost, .slow, .refused] { faults.arm(fault, on: .close) }
        var asked: [FakeFault?] = []
        var replies: [FakeReply] = []
        for _ in 1...5 {
            replies.append(
                await faults.answer(.close) { fault in
                    asked.append(fault)
                    return .brokenOff
                })
        }
        #expect(asked == [nil, nil, .refused, nil], "only lost and slow calls are processed")
        #expect(replies == [.silence, .silence, .brokenOff, .brokenOff, .brokenOff])
    }

    @Test func `a closed port refuses connections`() async {
        let port = ClosedPort()
        let failure = await withTransport { await $0.failure(.get(port.url)) }
        #expect(failure?.reach == .neverSent)
        withExtendedLifetime(port) {}
    }

    @Test func `a fake sends a notice with its headers and bytes, and judges the answer`() async throws {
        let notice = FakeNotice(headers: [FakeHeader("X-Signature", "abc")], body: [1, 2, 3])
        let fake = FakeSandbox(secret: SandboxFixture.secret, clock: .init())
        try await withFakeServer { request in
            request.path == "/taken" ? .answer(200, "text/plain", "success") : .answer(500, "text/plain", "no")
        } _: { server in
            #expect(try await fake.notify(notice, to: server.baseURL + "/taken"))
            #expect(try await fake.notify(notice, to: server.baseURL + "/not") == false)
            let request = try #require(server.requests.first)
            #expect(request.method == "POST" && request.body == notice.body)
            #expect(request.header("x-signature") == "abc")
        }
    }
}
