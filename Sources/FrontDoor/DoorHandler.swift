import NIOCore
import PayAPI
import PayFlow
import Synchronization

/// Runs before a connection's HTTP decoder. Reads each request's head, refuses requests by ``DoorLimits``, lets the
/// byte lane answer, and passes one request at a time to the decoder and the routes. While the lane waits to answer a
/// request, the bytes behind it are buffered.
final class DoorHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    let door: FrontDoor
    private let connection: TrackedConnection
    private var lane: Current<(any ByteLane)?>.Reader
    private var framing = RequestFraming()
    var exchange = ExchangeState()
    /// The request that the lane will answer later.
    var asked: AskedRequest?
    /// Buffered bytes: an incomplete request, or requests behind one that is not answered yet.
    private var kept = ByteBuffer()
    /// The number of bytes received after the last served request.
    private var dropped = 0
    private(set) var context: ChannelHandlerContext?
    /// Whether the last response is written. All input is then dropped until the client closes its side.
    private(set) var isClosing = false
    private(set) var isWritable = true
    /// Whether the client has closed its side.
    private var isInputClosed = false
    /// Unsent bytes at the last check.
    private var unsentBefore = 0
    var hasWritten = false
    private var hasHandedOn = false
    /// Whether a read is delayed until the buffer has room.
    private var owesRead = false
    /// Whether the client has closed its side and the routes were not told yet.
    private var owesEnd = false
    /// Called at the end of the client's side.
    private var onEnd: (@Sendable () -> Void)?

    init(_ door: FrontDoor, _ connection: TrackedConnection, _ lane: Current<(any ByteLane)?>.Reader) {
        self.door = door
        self.connection = connection
        self.lane = lane
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        tellEnd()
    }

    // MARK: Input

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        guard !isClosing, !exchange.dropsInput else { return drop(bytes.readableBytes, context) }
        if kept.readableBytes > 0 {
            kept.writeBuffer(&bytes)
            bytes = kept
            kept = ByteBuffer()
        }
        take(&bytes, context)
    }

    private func take(_ bytes: inout ByteBuffer, _ context: ChannelHandlerContext) {
        while bytes.readableBytes > 0, !isClosing, !exchange.dropsInput {
            // Passes one request at a time, and none while the client does not read its responses.
            guard !framing.isAtBeginning || !exchange.isOwed && isWritable else { break }
            guard takeStep(&bytes, context) else { break }
        }
        guard bytes.readableBytes > 0, !isClosing, !exchange.dropsInput else { return }
        keep(bytes)
    }

    /// Returns false if more bytes are needed.
    @discardableResult
    func takeStep(_ bytes: inout ByteBuffer, _ context: ChannelHandlerContext) -> Bool {
        switch framing.next(bytes) {
        case .wait: return false
        case .skip(let count): bytes.moveReaderIndex(forwardBy: count)
        case .refuse(let refusal): refuse(refusal, context)
        case .head(let head): return takeRequest(head, &bytes, context)
        case .body(let count, let isEnd):
            if isEnd {
                exchange.requestEnded()
                if exchange.isOwed { note(isWritable ? .answering : .unread) }
            }
            handOn(count, of: &bytes, context)
        }
        return true
    }

    private func takeRequest(
        _ head: WireHead, _ bytes: inout ByteBuffer, _ context: ChannelHandlerContext
    ) -> Bool {
        if case .length(let body) = head.body, let lane = lane.value() {
            switch lane.answer(head, in: bytes) {
            case .pass: break
            case .wait: return false
            case .answer(let answer):
                bytes.moveReaderIndex(forwardBy: head.length + body)
                context.write(wrapOutboundOut(.byteBuffer(answer)), promise: nil)
                hasWritten = true
                exchange.laneAnswered()
                note(isWritable ? .idle : .unread)
                return true
            case .later(let answer):
                guard let own = bytes.readSlice(length: head.length + body) else { return false }
                ask(AskedRequest(head: head, bytes: own, answer: answer), context)
                return true
            }
        }
        pass(head, &bytes, context)
        return true
    }

    /// Passes a request to the routes.
    func pass(_ head: WireHead, _ bytes: inout ByteBuffer, _ context: ChannelHandlerContext) {
        let rewritten = head.needsRewriting ? WireHead.rewritten(bytes) : nil
        let hasBody = framing.consumed(head)
        exchange.began(head, hasBody: hasBody)
        if !hasBody { note(.answering) } else if connection.state.phase != .receiving { note(.receiving) }
        if let rewritten {
            bytes.moveReaderIndex(forwardBy: head.length)
            handOn(rewritten, context)
        } else {
            handOn(head.length, of: &bytes, context)
        }
    }

    /// Counts dropped bytes. Reading goes on, because otherwise the end of the client's side would not be noticed.
    private func drop(_ count: Int, _ context: ChannelHandlerContext) {
        dropped += count
        if dropped > DoorLimits.mostDropped { context.close(promise: nil) }
    }

    /// Buffers bytes that can't be passed on yet, up to ``DoorLimits/mostKept``.
    private func keep(_ bytes: ByteBuffer) {
        guard bytes.readableBytes <= DoorLimits.mostKept else {
            // The client has closed its side, and the system delivered all remaining bytes in one read.
            exchange.inputFailed()
            if !exchange.isOwed { close() }
            return
        }
        kept = bytes
        if !exchange.isOwed, isWritable, connection.state.phase == .idle { note(.receiving) }
    }

    private func handOn(_ count: Int, of bytes: inout ByteBuffer, _ context: ChannelHandlerContext) {
        guard let slice = bytes.readSlice(length: count) else { return }
        handOn(slice, context)
    }

    private func handOn(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        // After an early response, the rest of the request is read only to find its end.
        guard !isClosing else { return }
        hasHandedOn = true
        context.fireChannelRead(wrapInboundOut(bytes))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if hasWritten {
            hasWritten = false
            context.flush()
        }
        // The routes' backpressure does not apply to input that is dropped.
        if isClosing { context.read() }
        // The handlers behind this one have received nothing.
        guard hasHandedOn else { return }
        hasHandedOn = false
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if isClosing || kept.readableBytes < DoorLimits.longestHead {
            context.read()
        } else {
            owesRead = true
        }
    }

    /// Continues with the buffered bytes once the connection has room for them.
    func resume() {
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
        case is ChannelShouldQuiesceEvent: quiesce(context)
        case ChannelEvent.inputClosed: endInput(context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// The client has closed its side. The routes are told after they have received all earlier requests.
    private func endInput(_ context: ChannelHandlerContext) {
        owesEnd = false
        isInputClosed = true
        if isClosing {
            if unsent(context) == 0 { context.close(promise: nil) }
        } else if asked != nil {
            owesEnd = true
        } else if kept.readableBytes == 0 || exchange.dropsInput {
            tellEnd()
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        } else if exchange.isOwed || !isWritable {
            owesEnd = true
        } else {
            refuse(.malformed, context)
        }
    }

    private func timeIsUp(_ context: ChannelHandlerContext) {
        let state = connection.state
        guard state.isOver(at: door.now, door.limits) else { return }
        switch state.phase {
        case .receiving:
            door.ended(.slowRequest)
            if exchange.hasAnswerBegun { context.close(promise: nil) } else { refuse(.tooSlow, context) }
        case .idle:
            door.ended(.idle)
            context.close(promise: nil)
        case .unread where unsent(context) < unsentBefore && unsent(context) > 0:
            // A slow reader keeps its connection as long as it reads.
            note(.unread)
        case .unread:
            door.ended(.unread)
            context.close(promise: nil)
        case .lingering where unsent(context) > 0: note(.unread)
        case .lingering, .answering: context.close(promise: nil)
        }
    }

    /// The bytes of responses that the system has not accepted yet.
    private func unsent(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    private func makeRoom(_ context: ChannelHandlerContext) {
        // A request arrived meanwhile, so another connection is chosen.
        guard connection.state.phase != .answering else {
            connection.isLeaving.store(false, ordering: .relaxed)
            return door.checkRoom()
        }
        door.ended(.room)
        context.close(promise: nil)
    }

    /// The service is shutting down.
    private func quiesce(_ context: ChannelHandlerContext) {
        switch connection.state.phase {
        // The routes finish their response. The connection then closes.
        case .answering: exchange.inputFailed()
        case .unread where exchange.isOwed: exchange.inputFailed()
        case .idle where unsent(context) > 0, .unread: close()
        case .lingering where unsent(context) > 0: break
        case .idle, .receiving, .lingering: context.close(promise: nil)
        }
    }

    /// Answers the request without the routes and closes the connection.
    private func refuse(_ refusal: DoorRefusal, _ context: ChannelHandlerContext) {
        guard !isClosing else { return }
        // The routes finish a response that has begun.
        guard !exchange.hasAnswerBegun else { return exchange.inputFailed() }
        let problem = refusal.problem
        let bytes = problem.lastAnswer(requestID: door.note(problem))
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer(bytes: bytes))), promise: nil)
        close()
    }

    /// Closes the connection after all output is sent: first our side, then the connection when the client has closed
    /// its side or the time is over.
    private func close() {
        guard let context, !isClosing else { return }
        isClosing = true
        kept = ByteBuffer()
        note(.lingering)
        // With both sides closed, the system would drop unsent output.
        if !isInputClosed || unsent(context) == 0 { context.close(mode: .output, promise: nil) }
        context.read()
    }

    // MARK: Output

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // The routes answer a request that was refused in the meantime.
        guard !isClosing else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        context.write(data, promise: promise)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        switch event {
        case DoorEvent.bodyIsWanted: inviteBody(context)
        case ConnectionEvent.tellEnd(let onEnd):
            self.onEnd = onEnd
            if isInputClosed { tellEnd() }
        default: return context.triggerUserOutboundEvent(event, promise: promise)
        }
        promise?.succeed()
    }

    private func inviteBody(_ context: ChannelHandlerContext) {
        guard exchange.isComingIn, !exchange.hasAnswerBegun, !isClosing else { return }
        context.writeAndFlush(
            wrapOutboundOut(.byteBuffer(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))), promise: nil)
    }

    private func tellEnd() {
        onEnd?()
        onEnd = nil
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        switch (connection.state.phase, isWritable) {
        case (.answering, false), (.idle, false): note(.unread)
        case (.unread, true): note(isClosing ? .lingering : exchange.isOwed ? .answering : .idle)
        default: break
        }
        context.fireChannelWritabilityChanged()
        if isWritable { resume() }
    }

    func note(_ phase: TrackedConnection.Phase) {
        if phase == .unread, let context { unsentBefore = unsent(context) }
        connection.state = TrackedConnection.State(phase: phase, since: door.now, isKnown: exchange.isKnown)
    }
}

// MARK: The routes' answers

extension DoorHandler {
    /// Called when a response of the routes begins. Returns the version and the `Connection` token for its head.
    func answerBegins(
        status: Int, saysClose: Bool, isSelfDelimited: Bool
    ) -> (isHTTP10: Bool, ExchangeState.Token?) {
        exchange.answerBegan(status: status, saysClose: saysClose, isSelfDelimited: isSelfDelimited)
    }

    /// Called when a response of the routes is written.
    func answerEnded() {
        exchange.answerEnded()
        if exchange.isLast { return close() }
        note(isWritable ? .idle : .unread)
        door.checkRoom()
        guard kept.readableBytes > 0 || owesRead || owesEnd, let context else { return }
        // Deferred, because the routes are still writing.
        context.eventLoop.assumeIsolated().execute { self.resume() }
    }

    /// Called when the decoder can't parse its input.
    func inputFailed() { exchange.inputFailed() }
}
