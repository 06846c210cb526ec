import PayCore

/// A message to the watchers of an order.
enum LiveNews: Sendable {
    /// The current order. A beat repeats it, which keeps the connection open and reports changes by time alone.
    case order(Order, isBeat: Bool)
    /// The order does not exist.
    case absent
    /// The order could not be read. Sent only to watchers that have received nothing yet.
    case unreadable(any Error)
}

/// A client's registration as a watcher of an order. The registration ends when the object is released.
final class LiveWatch: Sendable {
    /// Buffers only the newest message for a slow client.
    let news: AsyncStream<LiveNews>
    private let inbox: AsyncStream<LiveNews>.Continuation
    private let leave: @Sendable () -> Void

    init(
        news: AsyncStream<LiveNews>, inbox: AsyncStream<LiveNews>.Continuation, leave: @escaping @Sendable () -> Void
    ) {
        self.news = news
        self.inbox = inbox
        self.leave = leave
    }

    deinit { leave() }

    /// Ends the messages, because the client has disconnected.
    func end() { inbox.finish() }
}
