import NIOCore
import NIOHTTP1

/// What a connection is at: which request is held for the fast lane, and which are the routes'.
///
/// Answers leave in the order of their requests: the fast lane answers only while the routes owe nothing.
struct FastConnection {
    /// A request that is coming in. An object, because it is handed around at each of its parts.
    final class Held {
        let head: HTTPRequestHead
        let request: FastRequest
        let began: ContinuousClock.Instant
        var body: ByteBuffer?

        init(_ head: HTTPRequestHead, _ request: FastRequest, began: ContinuousClock.Instant) {
            self.head = head
            self.request = request
            self.began = began
        }
    }

    /// What is to be done with a part that came in.
    enum Action {
        /// It is held back.
        case hold
        /// It is the routes'.
        case pass
        /// What was held is the routes', and then this part.
        case giveUp(Held)
        /// The request is whole.
        case tryToAnswer(Held)
    }

    /// In bytes: a body for the fast lane names a channel, a terminal and a payer.
    private static let longestBody = 512

    private var held: Held?
    /// Requests that the routes have, and haven't answered.
    private var owed = 0
    /// Whether the routes have a request whose end hasn't come in.
    private var isPassing = false
    /// What waited for its reader when the connection was asked last.
    private var lastUnsent = 0
    /// Whether a request asked for the connection's end: nothing behind it is answered.
    private var isLast = false

    /// Whether a request is whole, and its answer awaited.
    var isAnswering: Bool { owed > 0 && !isPassing }

    /// - Parameter request: the head as the fast lane reads it; nil for what it leaves to the routes.
    mutating func head(
        _ head: HTTPRequestHead, _ request: FastRequest?, at now: ContinuousClock.Instant
    ) -> Action {
        if let request, owed == 0, !isLast {
            held = Held(head, request, began: now)
            return .hold
        }
        isLast = isLast || !head.isKeepAlive
        pass()
        return .pass
    }

    mutating func body(_ part: ByteBuffer) -> Action {
        guard let held else { return .pass }
        guard part.readableBytes > 0 else { return .hold }
        if (held.body?.readableBytes ?? 0) + part.readableBytes <= Self.longestBody {
            held.body.setOrWriteImmutableBuffer(part)
            return .hold
        }
        return giveUp(held)
    }

    mutating func end() -> Action {
        guard let held else {
            isPassing = false
            return .pass
        }
        self.held = nil
        return .tryToAnswer(held)
    }

    /// The fast lane couldn't answer what was whole: the routes have it, with its end.
    mutating func leftToRoutes() {
        owed += 1
    }

    /// The routes have ended an answer.
    mutating func answered() {
        owed -= 1
    }

    /// Whether a connection that has said nothing for a while, and took nothing in, is to be closed.
    ///
    /// - Parameter unsent: the bytes of answers that wait for their reader. Slow ones are waited for as long as they read.
    mutating func isIdle(unsent: Int) -> Bool {
        defer { lastUnsent = unsent }
        return unsent > 0 ? unsent == lastUnsent : !isAnswering
    }

    private mutating func giveUp(_ held: Held) -> Action {
        self.held = nil
        pass()
        return .giveUp(held)
    }

    private mutating func pass() {
        owed += 1
        isPassing = true
    }
}
