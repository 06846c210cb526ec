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
    /// The routes have to answer the request.
    case pass
}
