/// Whether a machine's clock agrees with the database server's. Leases and deadlines are instants that one machine
/// writes and another compares.
package enum ClockVerdict: Hashable, Sendable {
    case agrees
    /// More than 250 ms apart: a warning.
    case differs
    /// More than 500 ms apart: nothing is decided. A lease outlives the longest call by 2 s, which covers twice that
    /// and a commit.
    case tooFar

    package static let warningAbove: Int64 = 250
    package static let refusalAbove: Int64 = 500

    /// - Parameters:
    ///   - offset: the server's clock less this machine's, in milliseconds.
    ///   - error: how much the offset may be wrong: half of the round trip in which it was measured.
    package init(offset: Int64, error: Int64) {
        let least = abs(offset) - error
        self = least > Self.refusalAbove ? .tooFar : least > Self.warningAbove ? .differs : .agrees
    }
}
