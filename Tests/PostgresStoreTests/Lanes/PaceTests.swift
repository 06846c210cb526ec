import Testing

@testable import PostgresStore

@Suite struct PaceTests {
    private let start = ContinuousClock.now

    /// The pauses behind so many, each of which takes this long.
    private func pauses(_ count: Int, taking duration: Duration) -> [Duration] {
        var pace = Pace(interval: .milliseconds(5), lead: .milliseconds(20))
        var now = start
        return (0..<count).map { _ in
            pace.begin(at: now)
            now += duration
            let pause = pace.pause(at: now)
            now += pause
            return pause
        }
    }

    @Test func `a few may be ahead of the pace, and the next one waits`() {
        #expect(pauses(6, taking: .zero) == [0, 0, 0, 0, 5, 5].map { .milliseconds($0) })
    }

    @Test func `what takes longer than its interval never waits`() {
        #expect(pauses(1_000, taking: .milliseconds(6)).allSatisfy { $0 == .zero })
    }

    @Test func `a rest gives no more than the usual lead`() {
        var pace = Pace(interval: .milliseconds(5), lead: .zero)
        pace.begin(at: start)
        pace.begin(at: start + .seconds(60))
        #expect(pace.pause(at: start + .seconds(60)) == .milliseconds(5))
    }
}
