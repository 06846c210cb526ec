package import PayFlow

/// The knowledge of a process about its primary. A heartbeat is a row that the process commits again and again. A standby
/// confirms each commit, so the server was the primary when the commit began.
///
/// Times are of a clock that never goes back.
package struct PrimaryState: Sendable {
    /// A server is believed for this long from the begin of its last completed heartbeat.
    package static let belief = Duration.seconds(1)
    /// A new primary takes no writes for this long: until then no process believes the old one any more.
    package static let silence = belief + .milliseconds(250)
    package static let beatEvery = Duration.milliseconds(250)
    /// The number of comparisons of the clocks of which the best counts.
    private static let clockSamples = 8

    /// A heartbeat that was committed.
    package struct Beat: Hashable, Sendable {
        package let server: ServerIdentity
        package let beganAt: ContinuousClock.Instant
        /// The server's clock less this machine's, in milliseconds.
        package let clockOffset: Int64
        /// How much the offset may be wrong.
        package let clockError: Int64

        package init(
            server: ServerIdentity, beganAt: ContinuousClock.Instant, clockOffset: Int64, clockError: Int64
        ) {
            self.server = server
            self.beganAt = beganAt
            self.clockOffset = clockOffset
            self.clockError = clockError
        }
    }

    private var last: Beat?
    private var recent: [Beat] = []

    package init() {}

    package mutating func completed(_ beat: Beat) {
        if last?.server != beat.server { recent = [] }
        last = beat
        recent = recent.suffix(Self.clockSamples - 1) + [beat]
    }

    /// The best comparison of the clocks; nil before the first heartbeat.
    package var clock: (offset: Int64, error: Int64)? {
        recent.min { $0.clockError < $1.clockError }.map { ($0.clockOffset, $0.clockError) }
    }

    package var clockVerdict: ClockVerdict {
        clock.map { ClockVerdict(offset: $0.offset, error: $0.error) } ?? .agrees
    }

    /// The time since the begin of the last completed heartbeat; nil before the first one.
    package func age(at now: ContinuousClock.Instant) -> Duration? { last.map { now - $0.beganAt } }

    /// Whether an answer that the server has given by now is the primary's.
    package func believes(_ server: ServerIdentity, at now: ContinuousClock.Instant) -> Bool {
        last?.server == server && isFresh(at: now)
    }

    /// The reason why nothing can be decided; nil if the primary is known and the clocks agree.
    package func outage(at now: ContinuousClock.Instant) -> LedgerUnavailable.Reason? {
        if clockVerdict == .tooFar { return .clockDiffers }
        return isFresh(at: now) ? nil : .notPrimary
    }

    private func isFresh(at now: ContinuousClock.Instant) -> Bool { age(at: now).map { $0 < Self.belief } ?? false }
}
