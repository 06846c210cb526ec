import Testing

@testable import PostgresStore

@Suite struct ServerRulesTests {
    /// A server that keeps every rule.
    static let sound = ServerReading(
        version: 150_018, encoding: "UTF8", isStandby: false, isPooled: false, fsync: true, fullPageWrites: true,
        dataChecksums: true, autovacuum: true, synchronousCommit: "on", synchronousStandbyNames: "ANY 1 (b, c)",
        standbys: .connected(2), clockOffset: -3, clockError: 1)

    private func problems(
        _ durability: Durability = .replicated, _ change: (inout ServerReading) -> Void
    ) -> [ServerProblem] {
        var reading = Self.sound
        change(&reading)
        return reading.problems(durability)
    }

    @Test func `a sound server has no problem`() {
        #expect(problems { _ in } == [])
        #expect(problems(.single) { $0.synchronousStandbyNames = "" } == [])
        #expect(problems(.managed) { $0.synchronousStandbyNames = "" } == [])
    }

    @Test(arguments: Durability.allCases)
    func `a server that the service can't work with stops every start`(durability: Durability) {
        let broken: [(ServerProblem.Rule, (inout ServerReading) -> Void)] = [
            (.version, { $0.version = 130_014 }), (.encoding, { $0.encoding = "SQL_ASCII" }),
            (.standby, { $0.isStandby = true }), (.pooler, { $0.isPooled = true }),
            (.synchronousCommit, { $0.synchronousCommit = "off" }), (.clock, { $0.clockOffset = 502 }),
            (.clock, { $0.clockOffset = -502 }),
        ]
        for (rule, change) in broken {
            let found = problems(durability, change)
            #expect(found.map(\.rule) == [rule] && found.allSatisfy(\.stopsStart), "\(rule)")
        }
    }

    @Test(arguments: [Durability.replicated, .single])
    func `a server of one's own that may lose its disk stops the start`(durability: Durability) {
        #expect(problems(durability) { $0.fsync = false }.map(\.rule) == [.fsync])
        #expect(problems(durability) { $0.fullPageWrites = false }.map(\.rule) == [.fullPageWrites])
        let both = problems(durability) { ($0.fsync, $0.fullPageWrites) = (false, false) }
        #expect(both.count == 2 && both.allSatisfy(\.stopsStart))
    }

    @Test func `commits without a standby stop the start, unless one server is meant`() {
        let found = problems { $0.synchronousStandbyNames = "" }
        #expect(found.map(\.rule) == [.synchronousStandbyNames])
        #expect(found.first?.remedy.contains("database.durability = single") == true)
        for level in ["local", "remote_write", "off"] {
            #expect(problems { $0.synchronousCommit = level }.map(\.rule) == [.synchronousCommit], "\(level)")
        }
        #expect(problems { $0.synchronousCommit = "remote_apply" } == [])
        #expect(problems(.single) { $0.synchronousCommit = "local" } == [])
    }

    @Test func `a standby that is gone or hidden is a warning, because commits wait for it`() {
        for standbys in [ServerReading.Standbys.connected(0), .hidden] {
            let found = problems { $0.standbys = standbys }
            #expect(found.map(\.rule) == [.standbyConnected] && !found.contains { $0.stopsStart })
            #expect(problems(.single) { $0.standbys = standbys } == [])
        }
    }

    @Test func `a clock that differs a little, checksums and autovacuum are warnings`() {
        let found = problems { ($0.clockOffset, $0.dataChecksums, $0.autovacuum) = (300, false, false) }
        #expect(found.map(\.rule) == [.clock, .dataChecksums, .autovacuum])
        #expect(!found.contains { $0.stopsStart })
    }

    @Test(arguments: [
        (Int64(0), Int64(0), ClockVerdict.agrees), (250, 0, .agrees), (251, 0, .differs), (-251, 0, .differs),
        (500, 0, .differs), (501, 0, .tooFar), (-600, 99, .tooFar), (600, 100, .differs), (600, 400, .agrees),
    ])
    func `an offset counts as far as the measurement is certain`(offset: Int64, error: Int64, verdict: ClockVerdict) {
        #expect(ClockVerdict(offset: offset, error: error) == verdict)
    }
}
