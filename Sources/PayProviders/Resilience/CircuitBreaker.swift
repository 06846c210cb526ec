import PayCore

/// Decides whether a provider that does not answer is called. A pure state machine: time and chance are arguments.
struct CircuitBreaker: Equatable {
    /// Failures in a row that open the circuit. A provider under load loses a few calls. Ten calls in a row that fail,
    /// each after eight seconds, mean that the provider is down.
    static let mostFailures = 10
    /// The first pause: long enough for a restart behind a load balancer, short enough to go unnoticed afterwards.
    static let firstPause = Duration.seconds(5)
    /// The pause doubles with each failed probe, up to this. Calls resume within a minute after the provider recovers.
    static let longestPause = Duration.seconds(60)
    /// The pause reported to other calls while a probe is in flight. Most probes are answered within this time.
    static let probeTakes = Duration.seconds(1)

    /// The state of the circuit.
    enum State: Equatable {
        /// All calls pass. The tenth failure in a row opens the circuit.
        case closed(failures: Int)
        /// No call passes before `until`; the first call after that is the probe. `openings` counts the openings in a
        /// row.
        case open(until: Instant, openings: Int)
        /// Only the probe passes. Its outcome moves the circuit on.
        case halfOpen(openings: Int)
    }

    /// The outcome of one call, as evidence of the provider's health.
    enum Outcome: Equatable {
        /// An answer came, whatever its status.
        case answered
        /// No answer came, or an answer that says that the provider itself is broken.
        case failed
        /// No evidence: the caller cancelled the call, or the call never began.
        case abandoned
    }

    /// Permission for one call, returned to `end` with its outcome. The outcome of a call that began before the circuit
    /// opened or closed is ignored.
    struct Permit: Equatable {
        fileprivate let turn: Int
    }

    enum Action: Equatable {
        case nothing
        /// Calls to the provider are paused for this long.
        case opened(Duration)
        /// The provider answers again.
        case closed
    }

    private(set) var state = State.closed(failures: 0)
    private var turn = 0

    /// The time until a call may pass; nil if one may pass now.
    func pause(at now: Instant) -> Duration? {
        switch state {
        case .closed: nil
        // A pause beyond the maximum means that the clock was set back since.
        case .open(let until, _): now < until && until - now <= Self.longestPause ? until - now : nil
        case .halfOpen: Self.probeTakes
        }
    }

    /// Permission for a call that begins now; nil while calls are paused.
    mutating func begin(at now: Instant) -> Permit? {
        guard pause(at: now) == nil else { return nil }
        if case .open(_, let openings) = state { move(to: .halfOpen(openings: openings)) }
        return Permit(turn: turn)
    }

    /// `jitter` is in 0..<1. It keeps several processes from retrying at the same moment. Only an opening draws it.
    mutating func end(
        _ permit: Permit, _ outcome: Outcome, at now: Instant, jitter: @autoclosure () -> Double
    ) -> Action {
        guard permit.turn == turn else { return .nothing }
        switch (state, outcome) {
        case (.closed, .answered):
            state = .closed(failures: 0)
            return .nothing
        case (.closed(let failures), .failed):
            guard failures + 1 >= Self.mostFailures else {
                state = .closed(failures: failures + 1)
                return .nothing
            }
            return open(1, at: now, jitter: jitter())
        case (.halfOpen, .answered):
            move(to: .closed(failures: 0))
            return .closed
        case (.halfOpen(let openings), .failed):
            return open(openings + 1, at: now, jitter: jitter())
        case (.halfOpen(let openings), .abandoned):
            // The outcome says nothing about the provider, so the next call is the probe.
            move(to: .open(until: now, openings: openings))
            return .nothing
        case (.closed, .abandoned), (.open, _):
            return .nothing
        }
    }

    private mutating func open(_ openings: Int, at now: Instant, jitter: Double) -> Action {
        let pause = BackOff.pause(openings, first: Self.firstPause, longest: Self.longestPause, jitter: jitter)
        move(to: .open(until: now + pause, openings: openings))
        return .opened(pause)
    }

    private mutating func move(to next: State) {
        state = next
        turn += 1
    }
}
