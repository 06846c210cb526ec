/// How long the loop's thread waits between two passes. Every libcurl that Paypage runs with can lose a timer, and then
/// waits for the time to connect where it should go on at once. These are the faults that the rules here work around:
///
/// - A transfer that leaves the queue for its host's connections gets a timer that runs out at once. When that happens late
///   in a pass, the pass throws the timer away with those that it has dealt with. Two places in `multi.c`, mended in 8.4.0
///   and in 8.18.0. So there is no wait after a pass in which a transfer ended and gave its connection to another.
/// - A host has several addresses, and the first is silent: the timer that moves to the next one isn't set again after
///   another timer took its place (curl issue 11920, mended in 8.4.0). So the wait is short while anything is in flight:
///   each pass looks at the time by itself.
enum LoopWait {
    /// The longest wait while a transfer is in flight.
    static let busy = Duration.milliseconds(100)
    /// The longest wait when none is. A message ends it; a message whose wake-up failed is read after it.
    static let idle = Duration.seconds(1)

    /// `ended` counts the transfers that ended in the pass. `nextDeadline` is the time left to the earliest deadline of
    /// those in flight; nil when there are none.
    static func after(ended: Int, nextDeadline: Duration?) -> Duration {
        guard ended == 0 else { return .zero }
        guard let nextDeadline else { return idle }
        return max(.zero, min(nextDeadline, busy))
    }
}
