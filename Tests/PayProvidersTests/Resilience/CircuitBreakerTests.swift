import PayCore
import PayTestSupport
import Testing

@testable import PayProviders

@Suite struct `A circuit breaker` {
    private let start = HandMovedClock().now()

    private func at(_ seconds: Double) -> Instant { start + .milliseconds(Int64(seconds * 1_000)) }

    /// A call that begins and ends at the same time; nil if it was not let through.
    private func call(
        _ breaker: inout CircuitBreaker, _ outcome: CircuitBreaker.Outcome, at seconds: Double = 0, jitter: Double = 0
    ) -> CircuitBreaker.Action? {
        guard let permit = breaker.begin(at: at(seconds)) else { return nil }
        return breaker.end(permit, outcome, at: at(seconds), jitter: jitter)
    }

    private func begin(_ breaker: inout CircuitBreaker, at seconds: Double) -> CircuitBreaker.Permit {
        guard let permit = breaker.begin(at: at(seconds)) else { preconditionFailure("no call is let through") }
        return permit
    }

    private func opened(jitter: Double = 0) -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 1..<CircuitBreaker.mostFailures { _ = call(&breaker, .failed) }
        #expect(call(&breaker, .failed, jitter: jitter) == .opened(.seconds(5) * (1 - 0.25 * jitter)))
        return breaker
    }

    @Test func `the circuit opens at the tenth failure in a row, and not before`() {
        var breaker = CircuitBreaker()
        for _ in 1...9 { #expect(call(&breaker, .failed) == .nothing) }
        #expect(breaker.pause(at: at(0)) == nil)
        #expect(call(&breaker, .failed) == .opened(.seconds(5)))
        #expect(breaker.pause(at: at(0)) == .seconds(5) && breaker.begin(at: at(0)) == nil)
    }

    @Test func `any answer resets the circuit's count of failures`() {
        var breaker = CircuitBreaker()
        for _ in 1...9 { _ = call(&breaker, .failed) }
        _ = call(&breaker, .answered)
        for _ in 1...9 { #expect(call(&breaker, .failed) == .nothing) }
        #expect(breaker.state == .closed(failures: 9))
    }

    @Test func `the circuit ignores cancelled calls`() {
        var breaker = CircuitBreaker()
        for _ in 1...9 { _ = call(&breaker, .failed) }
        for _ in 1...20 { #expect(call(&breaker, .abandoned) == .nothing) }
        #expect(breaker.state == .closed(failures: 9))
    }

    @Test func `the circuit is open up to, not at, the end of its pause`() {
        var breaker = opened()
        #expect(breaker.pause(at: at(4.999)) == .milliseconds(1) && breaker.begin(at: at(4.999)) == nil)
        #expect(breaker.pause(at: at(5)) == nil && breaker.begin(at: at(5)) != nil)
    }

    @Test func `an open circuit lets one probe through at a time`() {
        var breaker = opened()
        let probe = begin(&breaker, at: 5)
        #expect(breaker.begin(at: at(5)) == nil && breaker.begin(at: at(60)) == nil)
        #expect(breaker.pause(at: at(5)) == CircuitBreaker.probeTakes)
        #expect(breaker.end(probe, .abandoned, at: at(6), jitter: 0) == .nothing)
        #expect(breaker.pause(at: at(6)) == nil)
        #expect(breaker.begin(at: at(6)) != nil && breaker.begin(at: at(6)) == nil)
    }

    @Test func `the circuit closes when its probe is answered, with any answer`() {
        var breaker = opened()
        #expect(call(&breaker, .answered, at: 5) == .closed)
        #expect(breaker.state == .closed(failures: 0))
    }

    @Test func `the circuit's pause doubles with each failed probe, up to a minute`() {
        var breaker = opened()
        var now = 5.0
        for pause in [10.0, 20, 40, 60, 60, 60] {
            #expect(call(&breaker, .failed, at: now) == .opened(.seconds(pause)))
            #expect(breaker.begin(at: at(now + pause - 0.001)) == nil)
            now += pause
        }
        #expect(call(&breaker, .answered, at: now) == .closed)
        for _ in 1...9 { _ = call(&breaker, .failed, at: now) }
        #expect(call(&breaker, .failed, at: now) == .opened(.seconds(5)))
    }

    @Test func `the circuit's pauses are shortened at random by at most a quarter`() {
        let breaker = opened(jitter: 0.999)
        #expect(breaker.pause(at: at(0))! > .seconds(3.75) - .milliseconds(1))
        #expect(breaker.pause(at: at(0))! < .seconds(3.76))
    }

    @Test func `the circuit ignores calls that began before it opened or closed`() {
        var breaker = CircuitBreaker()
        let early = begin(&breaker, at: 0)
        let late = begin(&breaker, at: 0)
        for _ in 1...10 { _ = call(&breaker, .failed) }
        #expect(breaker.end(early, .answered, at: at(1), jitter: 0) == .nothing)
        #expect(breaker.pause(at: at(1)) == .seconds(4))
        _ = call(&breaker, .answered, at: 5)
        for _ in 1...9 { _ = call(&breaker, .failed, at: 5) }
        #expect(breaker.end(late, .failed, at: at(6), jitter: 0) == .nothing)
        #expect(breaker.state == .closed(failures: 9))
    }

    @Test func `an open circuit lets a probe through after the clock was set back`() {
        var breaker = opened()
        #expect(breaker.pause(at: at(-86_400)) == nil && breaker.begin(at: at(-86_400)) != nil)
    }
}
