import Glibc
import Testing

@testable import PayProviders

/// Cancelled callers, and a transport that is shut down.
@Suite struct GivingUpTests {
    /// Reads a request and never answers.
    private let silence: @Sendable (Conversation) -> Void = { connection in
        _ = connection.read()
        connection.waitForHangUp()
    }

    @Test func `a request cancelled while it waits for the answer may have arrived`() async {
        let server = LoopbackServer(silence)

        let error = await withTransport { transport in
            let sending = Task { await transport.failure(.create(server.url)) }
            await server.received(1)
            sending.cancel()
            return await sending.value
        }

        #expect(error == TransportError(.mayHaveArrived, .cancelled))
    }

    @Test func `a request cancelled before it is sent was never sent`() async {
        let server = LoopbackServer(silence)

        let error = await withTransport { transport in
            await Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await transport.failure(.create(server.url))
            }.value
        }

        #expect(error == TransportError(.neverSent, .cancelled))
        #expect(server.requests.isEmpty)
    }

    @Test func `a request cancelled in the queue was never sent, and the others continue`() async throws {
        let server = LoopbackServer(silence)
        var limits = CurlTransport.Limits.patient
        limits.connectionsPerHost = 1

        try await withTransport(limits) { transport in
            let first = Task { await transport.failure(.create(server.url)) }
            await server.received(1)
            let queued = Task { await transport.failure(.create(server.url)) }
            queued.cancel()
            #expect(await queued.value == TransportError(.neverSent, .cancelled))

            let other = LoopbackServer { $0.answerAll() }
            let reply = try await transport.send(.create(other.url))
            #expect(reply.status == 200)
            first.cancel()
            #expect(await first.value == TransportError(.mayHaveArrived, .cancelled))
        }
        #expect(server.requests.count == 1)
    }

    @Test func `cancelling 100 of 200 requests leaves the others their replies`() async {
        let server = LoopbackServer { $0.answerAll() }

        let failures = await withTransport { transport in
            let sending = (0..<200).map { _ in Task { await transport.failure(.create(server.url)) } }
            for index in stride(from: 0, to: 200, by: 2) { sending[index].cancel() }
            var failures: [TransportError?] = []
            for task in sending { failures.append(await task.value) }
            return failures
        }

        for (index, error) in failures.enumerated() {
            let mayFail = index.isMultiple(of: 2)
            #expect(error == nil || (mayFail && error?.reason == .cancelled), "\(String(describing: error))")
        }
    }

    @Test(arguments: [Duration.zero, .milliseconds(-1), .seconds(-3_600)])
    func `an expired request does not begin and was never sent`(limit: Duration) async throws {
        let server = LoopbackServer { $0.answerAll() }
        var late = ProviderRequest.create(server.url)
        late.timeLimit = limit

        let errors = try await withTransport { transport in
            // On an open connection, the request would be sent in the first pass of the loop.
            _ = try await transport.send(.create(server.url))
            var errors: [TransportError?] = []
            for _ in 1...20 { errors.append(await transport.failure(late)) }
            return errors
        }

        #expect(errors.allSatisfy { $0 == TransportError(.neverSent, .timedOut) })
        #expect(server.requests.count == 1 && server.connections == 1)
    }

    @Test func `a transport made without a free file descriptor still works and stops`() async {
        // In a separate process, because the limit of open files applies to the whole process.
        await #expect(processExitsWith: .success) {
            let server = LoopbackServer { $0.answerAll() }
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let before = limit
            limit.rlim_cur = 0
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            let transport = CurlTransport(limits: .init(connectTimeout: .seconds(5), totalTimeout: .seconds(5)))
            let multi = MultiHandle(.init())
            limit = before
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)

            let reply = try await transport.send(.create(server.url))
            await transport.close()

            #expect(reply.status == 200)
            #expect(multi.longestWait == .milliseconds(100))
        }
    }

    @Test func `the loop waits only while no message is there and its inbox is open`() async {
        let inbox = TransferInbox(waking: MultiHandle(.init()))

        #expect(inbox.beginWait())
        #expect(inbox.post(.cancel(1)))
        #expect(!inbox.beginWait())
        #expect(inbox.take().messages.count == 1)
        #expect(inbox.beginWait())
        inbox.close()
        #expect(!inbox.beginWait())
        #expect(!inbox.post(.cancel(2)) && !inbox.take().isOpen)
    }

    @Test func `a wake-up after the end of the loop does nothing`() {
        let multi = MultiHandle(.init())
        multi.close()
        multi.wakeUp()
        #expect(multi.longestWait == LoopWait.idle)
    }

    @Test func `a shut-down fails the requests in flight and says how far each got`() async {
        let server = LoopbackServer(silence)
        let full = FullPort()
        let transport = CurlTransport(limits: .patient)
        let sent = Task { await transport.failure(.create(server.url)) }
        let connecting = Task { await transport.failure(.create("http://127.0.0.1:\(full.port)/")) }
        await server.received(1)

        await transport.close()

        #expect(await sent.value == TransportError(.mayHaveArrived, .shutDown))
        #expect(await connecting.value == TransportError(.neverSent, .shutDown))
    }

    @Test func `after a shut-down no request is sent, and a second one has no effect`() async {
        let server = LoopbackServer { $0.answerAll() }
        let transport = CurlTransport()

        await transport.close()
        async let again: Void = transport.close()
        async let andAgain: Void = transport.close()
        _ = await (again, andAgain)

        #expect(await transport.failure(.create(server.url)) == TransportError(.neverSent, .shutDown))
        #expect(server.connections == 0)
    }

    @Test func `a released transport ends its thread and its connections`() async throws {
        let server = LoopbackServer { connection in
            connection.answerAll()
            connection.tell("the client has gone")
        }
        var transport: CurlTransport? = CurlTransport()
        _ = try await transport?.send(.create(server.url))

        transport = nil

        await server.received(2)
        #expect(server.requests.last?.head == "the client has gone")
    }
}
