/// How long the loop's thread waits between two passes. Every libcurl version that Paypage runs with can lose a timer,
/// and then waits for the connect time-out before it continues. The rules here work around these bugs:
///
/// - A transfer that leaves the queue for its host's connections gets a timer that expires at once. Late in a pass, the
///   pass discards this timer together with the timers that it has handled. Two places in `multi.c`, fixed in 8.4.0 and
///   in 8.18.0. So the loop does not wait after a pass in which a transfer ended and released its connection to
///   another.
/// - A host has several addresses, and the first does not answer. The timer that moves on to the next address is not
///   set again after another timer replaced it (curl issue 11920, fixed in 8.4.0). So the wait is short while a
///   transfer is in flight: each pass checks the time itself.
enum LoopWait {
    /// The longest wait while a transfer is in flight.
    static let busy = Duration.milliseconds(100)
    /// The longest wait when no transfer is in flight. A message ends the wait. If the wake-up fails, the message is
    /// read after the wait.
    static let idle = Duration.seconds(1)

    /// `ended` is the number of transfers that ended in the pass. `nextDeadline` is the time left to the earliest
    /// deadline of the transfers in flight; nil when there are none.
    static func after(ended: Int, nextDeadline: Duration?) -> Duration {
        guard ended == 0 else { return .zero }
        guard let nextDeadline else { return idle }
        return max(.zero, min(nextDeadline, busy))
    }
}
