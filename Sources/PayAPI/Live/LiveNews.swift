import PayCore

/// What those who watch an order are told.
enum LiveNews: Sendable {
    /// How the order stands. A beat tells it once more, so that the connection stays open, and what only time has
    /// changed is told too.
    case order(Order, isBeat: Bool)
    /// There is no such order.
    case absent
    /// It could not be read. Told to those alone who wait for the first word.
    case unreadable(any Error)
}

/// One client's place among those who watch an order. It is given back when nobody holds it any more.
final class LiveWatch: Sendable {
    /// The newest news alone waits here for a client that is slow.
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

    /// No more news: the client has gone away.
    func end() { inbox.finish() }
}
