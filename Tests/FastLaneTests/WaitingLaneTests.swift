import PayCore
import PayFlow
import PayTestSupport
import ServiceTestSupport
import Testing

/// A fast lane whose store has to be asked whether a cached page is current.
@Suite(.timeLimit(.minutes(5))) struct WaitingLaneTests {
    private static let proofs = [PageProof.same, .other, .unknown]

    /// A service with one cached page.
    private static func withPage(
        _ body: @escaping @Sendable (TestService, HandProofs) async throws -> Void
    ) async throws {
        let proofs = HandProofs()
        var setup = TestSetup(hasFastLane: true, comparesLanes: false)
        setup.proofs = { _ in proofs }
        try await withService(setup) { service in
            _ = try await service.client.pay()
            #expect(try await service.client.page().status == 200)
            #expect(proofs.questions == 0)
            try await body(service, proofs)
        }
    }

    private static let calls = [(KeptConnection.page, nil), (KeptConnection.repay, "{}")] as [(String, String?)]

    @Test func `a page that is proven is served from memory`() async throws {
        try await Self.withPage { service, proofs in
            service.ledger.setBroken(true)
            let connection = try KeptConnection(port: service.port)
            for (line, body) in Self.calls {
                connection.write(KeptConnection.request(line, body: body))
                let question = try await proofs.next()
                #expect(question.number.text == Sample.number)
                question.tell(.same)
                #expect(try await connection.answer().status == 200)
            }
        }
    }

    @Test(arguments: proofs) func `a page that is not proven is left to the routes`(_ proof: PageProof) async throws {
        try await Self.withPage { service, proofs in
            for (line, body) in Self.calls {
                for isBroken in [true, false] {
                    _ = try await service.client.page(accept: "application/json")
                    service.ledger.setBroken(isBroken)
                    let connection = try KeptConnection(port: service.port)
                    connection.write(KeptConnection.request(line, body: body))
                    try await proofs.next().tell(proof)
                    #expect(try await connection.answer().status == (isBroken && proof != .same ? 500 : 200))
                    service.ledger.setBroken(false)
                }
            }
        }
    }

    @Test(arguments: proofs)
    func `pipelined requests are answered in order, and asked for one at a time`(_ proof: PageProof) async throws {
        try await Self.withPage { service, proofs in
            let order = "GET /v1/payments/\(Sample.number) HTTP/1.1"
            let lines: [(String, String?)] = [
                (KeptConnection.page, nil), (KeptConnection.repay, "{}"), (order, nil), (KeptConnection.page, nil),
                ("GET /nowhere HTTP/1.1", nil), (KeptConnection.repay, nil), (order, nil), (KeptConnection.page, nil),
            ]
            let connection = try KeptConnection(port: service.port)
            connection.write(
                lines.enumerated().map { KeptConnection.request($1.0, id: "r\($0)", body: $1.1) }.joined())
            for (place, line) in lines.enumerated() {
                if [KeptConnection.page, KeptConnection.repay].contains(line.0) {
                    let asked = proofs.questions
                    let question = try await proofs.next()
                    #expect(proofs.questions <= asked + 1)
                    question.tell(proof)
                }
                let answer = try await connection.answer()
                #expect(answer.requestID == "r\(place)")
                #expect(answer.status == (line.0.contains("nowhere") ? 404 : 200))
            }
            #expect(proofs.questions == 5)
        }
    }

    @Test func `bytes that arrive during a question are kept for after it`() async throws {
        try await Self.withPage { service, proofs in
            let connection = try KeptConnection(port: service.port)
            connection.write(KeptConnection.request(KeptConnection.page, id: "first"))
            let question = try await proofs.next()
            let later = KeptConnection.request("GET /healthz HTTP/1.1", id: "second")
            for byte in later { connection.write(String(byte)) }
            question.tell(.same)
            #expect(try await connection.answers(2).map(\.requestID) == ["first", "second"])
        }
    }

    @Test func `a client that sends far ahead is paused during a question, and gets every answer`() async throws {
        try await Self.withPage { service, proofs in
            let connection = try KeptConnection(port: service.port)
            let request = KeptConnection.request(
                KeptConnection.page, ["X-Padding: " + String(repeating: "x", count: 6_000)])
            connection.write(request)
            let first = try await proofs.next()
            let sent = try await connection.writeUntilHeldBack(request, most: 64 << 20)
            #expect(sent < 64 << 20)
            first.tell(.same)
            let whole = 1 + sent / request.utf8.count
            for _ in 1..<whole { try await proofs.next().tell(.same) }
            #expect(try await connection.answers(whole).allSatisfy { $0.status == 200 })
        }
    }

    @Test func `the time that is left is counted at the proof`() async throws {
        try await Self.withPage { service, proofs in
            let connection = try KeptConnection(port: service.port)
            connection.write(KeptConnection.request(KeptConnection.page))
            let question = try await proofs.next()
            service.clock.advance(by: .seconds(10))
            question.tell(.same)
            #expect(try await connection.answer().cacheStatus == "paypage; hit; ttl=290")
        }
    }

    @Test func `a page that expires during the question is not served`() async throws {
        try await Self.withPage { service, proofs in
            let connection = try KeptConnection(port: service.port)
            connection.write(KeptConnection.request(KeptConnection.page))
            let question = try await proofs.next()
            service.clock.advance(by: .seconds(300))
            question.tell(.same)
            #expect(try await connection.answer().code == "PAY_PAGE_NOT_FOUND")
        }
    }

    @Test(arguments: proofs)
    func `a connection may be closed during a question`(_ proof: PageProof) async throws {
        try await Self.withPage { service, proofs in
            var connection: KeptConnection? = try KeptConnection(port: service.port)
            connection?.write(KeptConnection.request(KeptConnection.page))
            let question = try await proofs.next()
            let open = service.openConnections
            connection?.resetAtEnd()
            connection = nil
            while service.openConnections == open { await Task.yield() }
            question.tell(proof)
            let other = try KeptConnection(port: service.port)
            other.write(KeptConnection.request(KeptConnection.page))
            if proof == .other {
                // The page was dropped, and nobody is asked for it.
                #expect(try await other.answer().status == 200)
            } else {
                try await proofs.next().tell(.same)
                #expect(try await other.answer().status == 200)
            }
        }
    }

    @Test(arguments: proofs)
    func `a client that has closed its side during a question gets its answer`(_ proof: PageProof) async throws {
        try await Self.withPage { service, proofs in
            for (line, body) in Self.calls {
                _ = try await service.client.page(accept: "application/json")
                let connection = try KeptConnection(port: service.port)
                connection.write(KeptConnection.request(line, body: body))
                let question = try await proofs.next()
                connection.endWriting()
                question.tell(proof)
                #expect(try await connection.answer().status == 200)
                try await connection.waitForEnd()
            }
        }
    }

    @Test func `a question is not cut short by the connection's time limits`() async throws {
        try await Self.withPage { service, proofs in
            let connection = try KeptConnection(port: service.port)
            connection.write(KeptConnection.request(KeptConnection.page))
            let question = try await proofs.next()
            service.pass(seconds: 300)
            question.tell(.same)
            #expect(try await connection.answer().status == 200)
            // The connection is idle from now on.
            service.pass(seconds: 76)
            try await connection.waitForEnd()
        }
    }

    @Test(arguments: proofs)
    func `a service that stops during a question gives the answer as the last one`(_ proof: PageProof) async throws {
        typealias Check = Task<Void, any Error>
        let (checks, begun) = AsyncStream<Check>.makeStream()
        try await Self.withPage { service, proofs in
            let connection = try KeptConnection(port: service.port)
            connection.write(KeptConnection.request(KeptConnection.repay, body: "{}"))
            let question = try await proofs.next()
            // The stop reaches the connections one after the other, each on its own event loop.
            let idle = try (0..<16).map { _ in try KeptConnection(port: service.port) }
            while service.openConnections < 2 + idle.count { await Task.yield() }
            begun.yield(
                Task {
                    // The stop has reached the others once these are closed.
                    for each in idle { try await each.waitForEnd() }
                    question.tell(proof)
                    let answer = try await connection.answer()
                    #expect(answer.status == 200)
                    #expect(answer.header("Connection") == "close")
                    try await connection.waitForEnd()
                })
        }
        begun.finish()
        for await check in checks { try await check.value }
    }

    @Test func `one clock, log line and metric for a page that is proven later`() async throws {
        try await Self.withPage { service, proofs in
            let connection = try KeptConnection(port: service.port)
            connection.write(KeptConnection.request(KeptConnection.page, id: "later"))
            try await proofs.next().tell(.same)
            #expect(try await connection.answer().status == 200)
            #expect(service.log.all.count { $0.contains("request.id=later") } == 1)
        }
    }
}
