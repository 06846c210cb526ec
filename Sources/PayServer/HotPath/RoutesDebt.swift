import NIOCore

/// What the routes owe a connection: answers leave in the order of their requests, so the fast lane answers only while they
/// owe nothing.
struct RoutesDebt {
    /// Requests that the routes have, and haven't answered.
    private var owed = 0
    /// Whether the routes have a request whose end hasn't come in.
    private var isComingIn = false
    /// Whether a request asked for the connection's end: nothing behind it is answered.
    private var isLast = false
    /// Whether the fast lane has answered since the connection was asked last.
    private var wasFast = false
    /// What waited for its reader when the connection was asked last.
    private var lastUnsent = 0

    /// Whether the fast lane may answer what comes now.
    var isSettled: Bool { owed == 0 && !isLast }

    /// Whether a request is whole, and its answer awaited.
    var isAnswering: Bool { owed > 0 && !isComingIn }

    /// The routes have the head of a request.
    mutating func began(keepsAlive: Bool) {
        owed += 1
        isComingIn = true
        isLast = isLast || !keepsAlive
    }

    /// The routes have the end of the request.
    mutating func ended() {
        isComingIn = false
    }

    /// The routes have ended an answer. It may be one to what was no request, which they owed nobody.
    mutating func answered() {
        owed = max(0, owed - 1)
    }

    mutating func fastLaneAnswered() {
        wasFast = true
    }

    /// The connection is broken, or what came in was no request. Nothing behind it is answered.
    mutating func failed() {
        isLast = true
    }

    /// Whether a connection of which the routes have heard nothing for a while is to be closed. Asked once each time: what it
    /// finds, it compares with the next time.
    ///
    /// - Parameter unsent: the bytes of answers that wait for their reader. Slow ones are waited for as long as they read.
    mutating func isIdle(unsent: Int) -> Bool {
        defer { (wasFast, lastUnsent) = (false, unsent) }
        return !wasFast && (unsent > 0 ? unsent == lastUnsent : !isAnswering)
    }
}
