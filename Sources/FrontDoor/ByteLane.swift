package import NIOCore

/// Answers requests from their bytes, ahead of the decoder and the routes.
package protocol ByteLane: Sendable {
    /// - Parameter bytes: begin with the head.
    func answer(_ head: WireHead, in bytes: ByteBuffer) -> LaneAnswer
}

/// What a lane makes of a request.
package enum LaneAnswer {
    /// The whole answer, head and body. The request's head and body are consumed.
    case answer(ByteBuffer)
    /// The lane needs the whole body first.
    case wait
    /// The lane leaves the request to the routes.
    case pass
}
