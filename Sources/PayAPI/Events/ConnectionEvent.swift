/// Events that routes send to the front door of their connection.
package enum ConnectionEvent {
    /// Runs the closure once the client has closed its side or the connection is over, at once if that has happened.
    ///
    /// A route that only writes needs no task that waits for this by reading.
    case tellEnd(@Sendable () -> Void)
}
