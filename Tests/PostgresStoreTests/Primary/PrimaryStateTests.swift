import PayFlow
import Testing

@testable import PostgresStore

@Suite struct PrimaryStateTests {
    private let start = ContinuousClock.now
    private let old = ServerIdentity(address: "10.0.0.1:5432", startedAt: "a", timeline: 1)
    private let new = ServerIdentity(address: "10.0.0.2:5432", startedAt: "b", timeline: 2)

    private func beat(
        _ server: ServerIdentity, _ milliseconds: Int, offset: Int64 = 0, error: Int64 = 1
    ) -> PrimaryState.Beat {
        PrimaryState.Beat(
            server: server, beganAt: start + .milliseconds(milliseconds), clockOffset: offset, clockError: error)
    }

    @Test func `no server is believed before the first heartbeat`() {
        let state = PrimaryState()
        #expect(!state.believes(old, at: start) && state.age(at: start) == nil)
        #expect(state.outage(at: start) == .notPrimary)
    }

    @Test func `a server is believed for a second from the begin of its last completed heartbeat`() {
        var state = PrimaryState()
        state.completed(beat(old, 0))
        #expect(state.believes(old, at: start + .milliseconds(999)))
        #expect(!state.believes(old, at: start + .milliseconds(1_000)))
        #expect(state.outage(at: start + .milliseconds(999)) == nil)
        #expect(state.outage(at: start + .milliseconds(1_000)) == .notPrimary)
        state.completed(beat(old, 900))
        #expect(state.believes(old, at: start + .milliseconds(1_899)))
    }

    @Test func `the heartbeat of one server proves nothing about another`() {
        var state = PrimaryState()
        state.completed(beat(old, 0))
        #expect(!state.believes(new, at: start))
        state.completed(beat(new, 100))
        #expect(state.believes(new, at: start + .milliseconds(100)) && !state.believes(old, at: start))
        let restarted = ServerIdentity(address: old.address, startedAt: "c", timeline: 1)
        #expect(!state.believes(restarted, at: start + .milliseconds(100)))
    }

    @Test func `nobody believes the old primary any more when the silence of the new one is over`() {
        #expect(PrimaryState.silence > PrimaryState.belief)
        #expect(PrimaryState.beatEvery * 3 < PrimaryState.belief)
    }

    @Test func `the comparison with the shortest round trip tells the clocks apart`() {
        var state = PrimaryState()
        state.completed(beat(old, 0, offset: 900, error: 800))
        #expect(state.clockVerdict == .agrees)
        state.completed(beat(old, 250, offset: 300, error: 2))
        state.completed(beat(old, 500, offset: 700, error: 500))
        #expect(state.clockVerdict == .differs && state.clock?.offset == 300)
        #expect(state.outage(at: start + .milliseconds(500)) == nil)
        for time in stride(from: 750, to: 3_000, by: 250) { state.completed(beat(old, time, offset: -501, error: 0)) }
        #expect(state.clockVerdict == .tooFar && state.outage(at: start + .milliseconds(2_750)) == .clockDiffers)
        // Another server has another clock.
        state.completed(beat(new, 3_000, offset: 4, error: 1))
        #expect(state.clockVerdict == .agrees)
    }
}
