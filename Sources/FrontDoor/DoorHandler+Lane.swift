import NIOCore

/// A request that the lane will answer later, with its bytes.
struct AskedRequest {
    let head: WireHead
    /// Head and body.
    var bytes: ByteBuffer
    let answer: LaterAnswer
}

// Requests that the lane answers later.
extension DoorHandler {
    /// Asks whether the lane may answer the request. The answer comes on the connection's event loop.
    func ask(_ request: AskedRequest, _ context: ChannelHandlerContext) {
        asked = request
        exchange.laneBegan()
        note(.answering)
        let loop = context.eventLoop
        let door = NIOLoopBound(self, eventLoop: loop)
        request.answer.ask { mayAnswer in
            loop.execute { door.value.told(mayAnswer) }
        }
    }

    /// The connection may have been closed meanwhile.
    private func told(_ mayAnswer: Bool) {
        guard var request = asked else { return }
        asked = nil
        guard let context, !isClosing else { return }
        // The routes tell the client that a response is the last one.
        if mayAnswer, !exchange.isLast, let answer = request.answer.answer() {
            context.write(wrapOutboundOut(.byteBuffer(answer)), promise: nil)
            hasWritten = true
            exchange.laneAnswered()
            note(isWritable ? .idle : .unread)
            door.checkRoom()
        } else {
            pass(request.head, &request.bytes, context)
            while request.bytes.readableBytes > 0 { takeStep(&request.bytes, context) }
        }
        channelReadComplete(context: context)
        resume()
    }
}
