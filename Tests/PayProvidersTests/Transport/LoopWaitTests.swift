import Dispatch
import Testing

@testable import PayProviders

/// The waits of the loop's thread, which work around lost timers in libcurl.
@Suite struct LoopWaitTests {
    @Test(
        arguments: [
            (1, .seconds(8), .zero),
            (1, nil, .zero),
            (0, .seconds(8), .milliseconds(100)),
            (0, .milliseconds(101), .milliseconds(100)),
            (0, .milliseconds(7), .milliseconds(7)),
            (0, .zero, .zero),
            (0, .seconds(-1), .zero),
            (0, nil, .seconds(1)),
        ] as [(Int, Duration?, Duration)])
    func `the loop continues at once after an end, and waits at most 100 ms with requests in flight`(
        ended: Int, nextDeadline: Duration?, wait: Duration
    ) {
        #expect(LoopWait.after(ended: ended, nextDeadline: nextDeadline) == wait)
    }

    @Test func `no transfer is forgotten in the queue for one connection`() async {
        let mayAnswer = DispatchSemaphore(value: 0)
        let server = LoopbackServer { connection in
            while let request = connection.read() {
                // The first request of a round keeps the connection until the others are in the queue.
                if request.line.contains("/first") { mayAnswer.wait() }
                connection.answer()
            }
        }
        // A forgotten transfer would continue only at the connect time-out, which is too late.
        var limits = CurlTransport.Limits(connectTimeout: .seconds(60), totalTimeout: .seconds(20))
        limits.connectionsPerHost = 1

        let failures = await withTransport(limits) { transport in
            var failures: [TransportError] = []
            for round in 0..<30 {
                let first = Task { await transport.failure(.create(server.url + "/first")) }
                await server.received(round * 20 + 1)
                let others = (1...19).map { _ in Task { await transport.failure(.create(server.url)) } }
                // A call to another host is answered after the loop has read all earlier messages.
                let probe = LoopbackServer { $0.answerAll() }
                _ = await transport.failure(.create(probe.url))
                mayAnswer.signal()
                for task in [first] + others { failures += [await task.value].compactMap(\.self) }
            }
            return failures
        }

        #expect(failures == [])
        #expect(server.requests.count == 600)
    }

    @Test func `a host's second address is tried when the first is silent`() async throws {
        let server = LoopbackServer { $0.answerAll() }
        let silent = FullPort(lastOctet: 2, port: server.port)

        let reply = try await withTransport(
            .init(connectTimeout: .seconds(2)),
            fixedAddresses: ["provider.example:\(silent.port):127.0.0.2,127.0.0.1"]
        ) { try await $0.send(.create("http://provider.example:\(silent.port)/")) }

        #expect(reply.status == 200)
    }
}
