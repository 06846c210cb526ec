import Testing

@testable import PayProviders

/// The closing of connections by age.
@Suite struct ConnectionLivesTests {
    private let start = ContinuousClock.now

    private func ends(_ localPort: Int) -> ConnectionLives.Ends {
        .init(localPort: Int32(localPort), remoteAddress: "127.0.0.1", remotePort: 443)
    }

    private func lives() -> ConnectionLives { ConnectionLives(longest: .seconds(300), connectionsKept: 512) }

    @Test func `connections opened together are closed one after the other`() {
        var lives = lives()
        for port in 0..<256 {
            let isKept = lives.mayBeKept(ends(port), isNew: true, at: start, chance: Double(port) / 256)
            #expect(isKept)
        }

        var closed: [Int] = []
        var open = Set(0..<256)
        for second in 1...300 {
            let over = open.filter { !lives.mayBeKept(ends($0), isNew: false, at: start + .seconds(second), chance: 0) }
            open.subtract(over)
            closed.append(over.count)
        }

        #expect(closed.prefix(149).allSatisfy { $0 == 0 })
        #expect(open.isEmpty && closed.max() == 2)
    }

    @Test func `a new connection with the ends of an old one has its own age`() {
        var lives = lives()
        _ = lives.mayBeKept(ends(1), isNew: true, at: start, chance: 0)

        let kept = [
            lives.mayBeKept(ends(1), isNew: true, at: start + .seconds(200), chance: 0),
            lives.mayBeKept(ends(1), isNew: false, at: start + .seconds(349), chance: 0),
            lives.mayBeKept(ends(1), isNew: false, at: start + .seconds(350), chance: 0),
        ]

        #expect(kept == [true, true, false])
    }

    @Test func `closed connections are forgotten`() {
        var lives = lives()
        for port in 0..<60_000 {
            _ = lives.mayBeKept(ends(port), isNew: true, at: start + .seconds(port), chance: 0)
        }

        #expect(lives.count <= 2_048)
    }

    @Test func `a connection that is too old is closed after its request`() async throws {
        let server = LoopbackServer { $0.answerAll() }
        var limits = CurlTransport.Limits.patient
        // libcurl takes zero as no limit. Here a connection is too old after its first request.
        limits.connectionLifeSeconds = 0

        try await withTransport(limits) { transport in
            for _ in 1...4 { _ = try await transport.send(.create(server.url)) }
        }

        #expect(server.requests.map(\.connection) == [1, 1, 2, 2])
    }
}
