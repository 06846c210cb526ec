package import NIOCore

/// Answers requests from their bytes, ahead of the decoder and the routes.
package protocol ByteLane: Sendable {
    /// - Parameter bytes: the bytes of the request, starting with the head.
    func answer(_ head: WireHead, in bytes: ByteBuffer) -> LaneAnswer
}

/// The decision of a lane about a request.
package enum LaneAnswer {
    /// The whole response, head and body. The request's head and body are consumed.
    case answer(ByteBuffer)
    /// The lane needs the whole body first.
    case wait
    /// The lane answers once the store has told that it may. Until then, no other request of the connection is taken.
    case later(LaterAnswer)
    /// The routes have to answer the request.
    case pass
}

/// A response that the lane may give only after it has asked.
package struct LaterAnswer: Sendable {
    /// Asks. Calls the given closure once, on any thread, possibly before it returns. The argument is whether the lane
    /// may answer; if not, the routes answer.
    package let ask: @Sendable (@escaping @Sendable (_ mayAnswer: Bool) -> Void) -> Void
    /// The whole response, built on the connection's event loop. Nil if the routes have to answer.
    package let answer: @Sendable () -> ByteBuffer?

    package init(
        ask: @escaping @Sendable (@escaping @Sendable (_ mayAnswer: Bool) -> Void) -> Void,
        answer: @escaping @Sendable () -> ByteBuffer?
    ) {
        self.ask = ask
        self.answer = answer
    }
}
