import PayCore
import PayTestSupport
import Testing

@testable import PayProviders

@Suite struct `A provider that says too often` {
    private let start = HandMovedClock().now()

    private func at(_ seconds: Double) -> Instant { start + .milliseconds(Int64(seconds * 1_000)) }

    private func slowDown(_ pace: inout CallPace, at seconds: Double, retryAfter: Duration? = nil) -> Duration? {
        pace.slowDown(begunAt: at(seconds), retryAfter: retryAfter, at: at(seconds), jitter: 0)
    }

    private func goWell(_ pace: inout CallPace, at seconds: Double) {
        pace.goWell(begunAt: at(seconds), at: at(seconds))
    }

    @Test func `the pause after a rate limit doubles up to half a minute`() {
        var pace = CallPace()
        #expect(pace.pause(at: at(0)) == nil)
        var now = 0.0
        for pause in [0.5, 1, 2, 4, 8, 16, 30, 30] {
            #expect(slowDown(&pace, at: now) == .seconds(pause))
            #expect(pace.pause(at: at(now)) == .seconds(pause))
            now += pause
            #expect(pace.pause(at: at(now - 0.001)) == .milliseconds(1))
            #expect(pace.pause(at: at(now)) == nil)
        }
    }

    @Test func `the pause after a rate limit is shortened at random by at most a quarter`() {
        var pace = CallPace()
        #expect(pace.slowDown(begunAt: at(0), at: at(0), jitter: 0.5) == .milliseconds(437.5))
    }

    @Test(arguments: [(1, 1), (59, 59), (60, 60), (61, 60), (86_400, 60)])
    func `a Retry-After is obeyed for at most a minute`(asked: Int, given: Int) {
        var pace = CallPace()
        #expect(slowDown(&pace, at: 0, retryAfter: .seconds(asked)) == .seconds(given))
        #expect(pace.pause(at: at(0)) == .seconds(given))
    }

    @Test func `rate limits of one burst of calls count once`() {
        var pace = CallPace()
        _ = slowDown(&pace, at: 1)
        #expect(slowDown(&pace, at: 1.2) == nil)
        // Began before the rate limit, answered after the pause.
        #expect(pace.slowDown(begunAt: at(0.9), at: at(1.6), jitter: 0) == nil)
        #expect(pace.pause(at: at(1.6)) == nil)
        #expect(slowDown(&pace, at: 1.6) == .seconds(1))
    }

    @Test func `the pause is short again after calls have succeeded for a while`() {
        var pace = CallPace()
        _ = slowDown(&pace, at: 0)
        _ = slowDown(&pace, at: 0.5)
        goWell(&pace, at: 2)
        goWell(&pace, at: 3)
        #expect(slowDown(&pace, at: 4) == .milliseconds(500))
    }

    @Test func `the pause grows if a rate limit directly follows a successful answer`() {
        var pace = CallPace()
        var now = 0.0
        for pause in [0.5, 1, 2, 4] {
            goWell(&pace, at: now)
            #expect(slowDown(&pace, at: now) == .seconds(pause))
            now += pause
        }
    }

    @Test func `calls that began before the end of the pause do not reset it`() {
        var pace = CallPace()
        _ = slowDown(&pace, at: 0)
        pace.goWell(begunAt: at(0.4), at: at(5))
        #expect(slowDown(&pace, at: 10) == .seconds(1))
    }

    @Test func `a rate-limited provider is called again after the clock was set back`() {
        var pace = CallPace()
        _ = slowDown(&pace, at: 0)
        #expect(pace.pause(at: at(-86_400)) == nil)
    }

    @Test func `rate limits count from the first pause again after the clock was set back`() {
        var pace = CallPace()
        _ = slowDown(&pace, at: 0)
        #expect(pace.slowDown(begunAt: at(-3_600), at: at(-3_599), jitter: 0) == .seconds(1))
        for second in [-7_200.0, -7_198.0] { pace.goWell(begunAt: at(second), at: at(second)) }
        #expect(pace.slowDown(begunAt: at(-7_197), at: at(-7_197), jitter: 0) == CallPace.firstPause)
    }
}
