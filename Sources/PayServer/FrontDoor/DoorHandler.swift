import NIOCore

/// Stands ahead of a connection's HTTP decoder. Reads each request's head, refuses what ``DoorLimits`` names, lets the fast
/// lane answer what it can, and hands one request at a time to the decoder and the routes.
final class DoorHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let door: FrontDoor
    private let seat: Seat
    private let lane: FastLane?
    private var framing = RequestFraming()
    private var conversation = Conversation()
    /// Bytes for later: a request whose rest has not arrived, or that is behind one which isn't answered.
    private var kept = ByteBuffer()
    private var context: ChannelHandlerContext?
    /// Whether the last answer is written: all input is dropped, and the client's end is waited for.
    private var isClosing = false
    private var isWritable = true
    private var hasWritten = false
    private var hasHandedOn = false
    /// Whether a read was asked for that must wait for room.
    private var owesRead = false
    /// Whether the client has closed its side, and the routes don't know.
    private var owesEnd = false

    init(_ door: FrontDoor, _ seat: Seat, _ lane: FastLane?) {
        self.door = door
        self.seat = seat
        self.lane = lane
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    // MARK: Input

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isClosing, !conversation.dropsInput else { return }
        var bytes = unwrapInboundIn(data)
        if kept.readableBytes > 0 {
            kept.writeBuffer(&bytes)
            bytes = kept
            kept = ByteBuffer()
        }
        take(&bytes, context)
    }

    private func take(_ bytes: inout ByteBuffer, _ context: ChannelHandlerContext) {
        while bytes.readableBytes > 0, !isClosing, !conversation.dropsInput {
            // One request at a time, and none for a client that doesn't read its answers.
            guard !framing.isAtBeginning || !conversation.isOwed && isWritable else { break }
            guard takeStep(&bytes, context) else { break }
        }
        guard bytes.readableBytes > 0, !isClosing, !conversation.dropsInput else { return }
        keep(bytes)
    }

    /// False when more bytes are needed.
    private func takeStep(_ bytes: inout ByteBuffer, _ context: ChannelHandlerContext) -> Bool {
        switch framing.next(bytes) {
        case .wait: return false
        case .skip(let count): bytes.moveReaderIndex(forwardBy: count)
        case .refuse(let refusal): refuse(refusal, context)
        case .head(let head): return takeRequest(head, &bytes, context)
        case .body(let count, let isEnd):
            if isEnd {
                conversation.requestEnded()
                if conversation.isOwed { note(isWritable ? .answering : .unread) }
            }
            handOn(count, of: &bytes, context)
        }
        return true
    }

    private func takeRequest(
        _ head: WireHead, _ bytes: inout ByteBuffer, _ context: ChannelHandlerContext
    ) -> Bool {
        if let lane, let request = head.request, case .length(let body) = head.body, lane.takes(head, body: body) {
            guard head.length + body <= bytes.readableBytes else { return false }
            let slice = body > 0 ? bytes.getSlice(at: bytes.readerIndex + head.length, length: body) : nil
            if let answer = lane.answer(request, slice, since: ContinuousClock.now) {
                bytes.moveReaderIndex(forwardBy: head.length + body)
                context.write(wrapOutboundOut(.byteBuffer(answer)), promise: nil)
                hasWritten = true
                conversation.fastLaneAnswered()
                note(.idle)
                return true
            }
        }
        let rewritten = head.needsRewriting ? WireHead.rewritten(bytes) : nil
        let hasBody = framing.consumed(head)
        conversation.began(head, hasBody: hasBody)
        if !hasBody { note(.answering) } else if seat.state.phase != .receiving { note(.receiving) }
        if let rewritten {
            bytes.moveReaderIndex(forwardBy: head.length)
            handOn(rewritten, context)
        } else {
            handOn(head.length, of: &bytes, context)
        }
        return true
    }

    /// Keeps what can't be used yet, within ``DoorLimits/mostKept``.
    private func keep(_ bytes: ByteBuffer) {
        guard bytes.readableBytes <= DoorLimits.mostKept else {
            // Nobody asked for so much: the client has closed its side, and the system handed over all that was left.
            conversation.inputFailed()
            if !conversation.isOwed { close() }
            return
        }
        kept = bytes
        if !conversation.isOwed, isWritable, seat.state.phase == .idle { note(.receiving) }
    }

    private func handOn(_ count: Int, of bytes: inout ByteBuffer, _ context: ChannelHandlerContext) {
        guard let slice = bytes.readSlice(length: count) else { return }
        handOn(slice, context)
    }

    private func handOn(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        // What follows an early answer is read, so that the request's end is found, and dropped.
        guard !isClosing else { return }
        hasHandedOn = true
        context.fireChannelRead(wrapInboundOut(bytes))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if hasWritten {
            hasWritten = false
            context.flush()
        }
        // The routes hold reads back while they have enough; what is only dropped doesn't wait for them.
        if isClosing { context.read() }
        // The handlers behind this one have read nothing.
        guard hasHandedOn else { return }
        hasHandedOn = false
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if isClosing || kept.readableBytes < DoorLimits.longestHead && !conversation.dropsInput {
            context.read()
        } else {
            owesRead = true
        }
    }

    /// Goes on with what was kept, once there is room for it.
    private func resume() {
        guard let context, !isClosing else { return }
        if kept.readableBytes > 0 {
            var bytes = kept
            kept = ByteBuffer()
            take(&bytes, context)
            channelReadComplete(context: context)
        }
        if owesRead {
            owesRead = false
            read(context: context)
        }
        if owesEnd { endInput(context) }
    }

    // MARK: Ends

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case DoorEvent.timeIsUp: timeIsUp(context)
        case DoorEvent.makeRoom: makeRoom(context)
        case is ChannelShouldQuiesceEvent: quiesce(context, event)
        case ChannelEvent.inputClosed: endInput(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// The client has closed its side. The routes are told once they have all the requests before that.
    private func endInput(_ context: ChannelHandlerContext) {
        owesEnd = false
        if isClosing {
            context.close(promise: nil)
        } else if kept.readableBytes == 0 || conversation.dropsInput {
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        } else if conversation.isOwed || !isWritable {
            owesEnd = true
        } else {
            refuse(.malformed, context)
        }
    }

    private func timeIsUp(_ context: ChannelHandlerContext) {
        let state = seat.state
        guard state.isOver(at: door.now, door.limits) else { return }
        switch state.phase {
        case .receiving:
            door.ended(.slowRequest)
            if conversation.hasAnswerBegun { context.close(promise: nil) } else { refuse(.tooSlow, context) }
        case .idle:
            door.ended(.idle)
            context.close(promise: nil)
        case .unread:
            door.ended(.unread)
            context.close(promise: nil)
        case .lingering, .answering: context.close(promise: nil)
        }
    }

    private func makeRoom(_ context: ChannelHandlerContext) {
        guard seat.state.phase != .answering else { return }
        door.ended(.room)
        context.close(promise: nil)
    }

    /// The service stops.
    private func quiesce(_ context: ChannelHandlerContext, _ event: Any) {
        let unsent = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        switch seat.state.phase {
        case .answering:
            conversation.inputFailed()
            context.fireUserInboundEventTriggered(event)
        case .idle where unsent > 0: close()
        case .lingering where unsent > 0: break
        case .idle, .receiving, .unread, .lingering: context.close(promise: nil)
        }
    }

    /// Answers instead of the routes, and closes.
    private func refuse(_ refusal: DoorRefusal, _ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        // An answer that was begun already is ended by the routes.
        guard !conversation.hasAnswerBegun else { return conversation.inputFailed() }
        let problem = refusal.problem
        let bytes = problem.lastAnswer(requestID: door.note(problem))
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer(bytes: bytes))), promise: nil)
        close()
    }

    /// Closes once all is sent: our side at once, the connection when the client has closed its own, or soon.
    private func close() {
        guard let context, !isClosing else { return }
        isClosing = true
        kept = ByteBuffer()
        note(.lingering)
        context.close(mode: .output, promise: nil)
        context.read()
    }

    // MARK: Output

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // The routes answer a request that was refused meanwhile.
        guard !isClosing else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        context.write(data, promise: promise)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard case DoorEvent.bodyIsWanted = event else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        if conversation.isComingIn, !conversation.hasAnswerBegun, !isClosing {
            context.writeAndFlush(
                wrapOutboundOut(.byteBuffer(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))), promise: nil)
        }
        promise?.succeed()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        switch (seat.state.phase, isWritable) {
        case (.answering, false), (.idle, false): note(.unread)
        case (.unread, true): note(conversation.isOwed ? .answering : .idle)
        default: break
        }
        context.fireChannelWritabilityChanged()
        if isWritable { resume() }
    }

    private func note(_ phase: Seat.Phase) {
        seat.state = Seat.State(phase: phase, since: door.now, isKnown: conversation.isKnown)
    }
}

// MARK: The routes' answers

extension DoorHandler {
    /// The routes' answer begins. Returns what its head must say of the connection.
    func answerBegins(
        status: Int, saysClose: Bool, isSelfDelimited: Bool
    ) -> (isHTTP10: Bool, Conversation.Token?) {
        conversation.answerBegan(status: status, saysClose: saysClose, isSelfDelimited: isSelfDelimited)
    }

    /// The routes' answer is written. Returns once it is on its way.
    func answerEnded() {
        conversation.answerEnded()
        if conversation.isLast { return close() }
        note(isWritable ? .idle : .unread)
        guard kept.readableBytes > 0 || owesRead || owesEnd, let context else { return }
        // Not here: the routes are still writing.
        context.eventLoop.assumeIsolated().execute { self.resume() }
    }

    /// The decoder can't read what it was given.
    func inputFailed() { conversation.inputFailed() }
}
