import PayCore

/// Decides whether a provider that doesn't answer is called at all. A plain state machine: events in, actions out; time
/// and chance are arguments.
struct CircuitBreaker: Equatable {
    /// So many failures in a row are no accident of single calls. A provider under load loses a few; ten in a row, of
    /// calls that wait for eight seconds each, are a provider that is down.
    static let mostFailures = 10
    /// The first pause: long enough for a restart behind a load balancer, short enough that nobody notices it later.
    static let firstPause = Duration.seconds(5)
    /// The pause doubles with each probe that fails, up to this: a minute after the provider is back, so are we.
    static let longestPause = Duration.seconds(60)
    /// What others are told to wait while a probe is on its way: most are answered within that.
    static let probeTakes = Duration.seconds(1)

    /// What of a provider's calls is let through.
    enum State: Equatable {
        /// All of them. Moved on by the tenth failure in a row.
        case closed(failures: Int)
        /// None until that instant; the first one that comes then is the probe. `openings` counts how often in a row.
        case open(until: Instant, openings: Int)
        /// One, which is on its way. Moved on by its outcome.
        case halfOpen(openings: Int)
    }

    /// How one call ended, as far as the provider's health goes.
    enum Outcome: Equatable {
        /// An answer came, whatever it says.
        case answered
        /// No answer came, or one that says that the provider is broken.
        case failed
        /// The call says nothing of the provider: its caller gave it up, or it never began.
        case abandoned
    }

    /// Leave to make one call, to be shown when it has ended: what was begun before the circuit opened or closed says
    /// nothing of the time after.
    struct Permit: Equatable {
        fileprivate let turn: Int
    }

    enum Action: Equatable {
        case nothing
        /// The provider is left alone for so long.
        case opened(Duration)
        /// The provider answers again.
        case closed
    }

    private(set) var state = State.closed(failures: 0)
    private var turn = 0

    /// How long no call is let through; nil when one is.
    func pause(at now: Instant) -> Duration? {
        switch state {
        case .closed: nil
        // A longer one was begun by a clock that has been set back since.
        case .open(let until, _): now < until && until - now <= Self.longestPause ? until - now : nil
        case .halfOpen: Self.probeTakes
        }
    }

    /// Leave for a call that begins now; nil when the provider is left alone.
    mutating func begin(at now: Instant) -> Permit? {
        guard pause(at: now) == nil else { return nil }
        if case .open(_, let openings) = state { move(to: .halfOpen(openings: openings)) }
        return Permit(turn: turn)
    }

    /// `jitter` is from 0 up to 1: chance, so that several processes don't come back at the same moment.
    mutating func end(_ permit: Permit, _ outcome: Outcome, at now: Instant, jitter: Double) -> Action {
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
            return open(1, at: now, jitter: jitter)
        case (.halfOpen, .answered):
            move(to: .closed(failures: 0))
            return .closed
        case (.halfOpen(let openings), .failed):
            return open(openings + 1, at: now, jitter: jitter)
        case (.halfOpen(let openings), .abandoned):
            // Nobody knows more than before: the next call is the probe.
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
