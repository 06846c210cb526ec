import NIOCore
import NIOHTTP1

/// Stands ahead of a connection's HTTP decoder: answers what the fast lane can, from bytes to bytes, and hands on the rest
/// as it came in.
final class FastLaneHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = IOData

    private let lane: FastLane
    private let routes: RoutesHandler
    private var framing = FastFraming()
    /// The beginning of a request whose rest hasn't come in.
    private var kept = ByteBuffer()
    /// Whether the client reads what it asked for.
    private var isWritable = true
    private var hasWritten = false
    private var hasHandedOn = false

    init(_ lane: FastLane, ahead routes: RoutesHandler) {
        self.lane = lane
        self.routes = routes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        if kept.readableBytes > 0 {
            kept.writeBuffer(&bytes)
            bytes = kept
            kept = ByteBuffer()
        }
        while bytes.readableBytes > 0 {
            // A client that doesn't read is the routes': they wait for it.
            switch framing.next(bytes, mayAnswer: routes.debt.isSettled && isWritable) {
            case .wait:
                kept = bytes
                return
            case .pass(let count):
                handOn(count, of: &bytes, context)
            case .tryToAnswer(let request, let head, let length):
                let body = length > 0 ? bytes.getSlice(at: bytes.readerIndex + head, length: length) : nil
                if let answer = lane.answer(request, body, since: ContinuousClock.now) {
                    bytes.moveReaderIndex(forwardBy: head + length)
                    context.write(wrapOutboundOut(.byteBuffer(answer)), promise: nil)
                    routes.debt.fastLaneAnswered()
                    hasWritten = true
                } else {
                    handOn(head + length, of: &bytes, context)
                }
            }
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        isWritable = context.channel.isWritable
        context.fireChannelWritabilityChanged()
    }

    /// Nothing more comes in: what half a request is told is for the routes to say.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { handOnKept(context) }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        handOnKept(context)
        context.fireChannelInactive()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if hasWritten {
            hasWritten = false
            context.flush()
        }
        // Nobody else has read anything.
        guard hasHandedOn else { return }
        hasHandedOn = false
        context.fireChannelReadComplete()
    }

    private func handOnKept(_ context: ChannelHandlerContext) {
        var bytes = kept
        kept = ByteBuffer()
        if bytes.readableBytes > 0 { handOn(bytes.readableBytes, of: &bytes, context) }
    }

    private func handOn(_ count: Int, of bytes: inout ByteBuffer, _ context: ChannelHandlerContext) {
        guard let slice = bytes.readSlice(length: count) else { return }
        hasHandedOn = true
        context.fireChannelRead(wrapInboundOut(slice))
    }
}

/// Stands behind the HTTP decoder, ahead of the framework: knows what the routes owe, and closes a connection that is idle.
final class RoutesHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    var debt = RoutesDebt()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): debt.began(keepsAlive: head.isKeepAlive)
        case .body: break
        case .end: debt.ended()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { debt.answered() }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        debt.failed()
        context.fireErrorCaught(error)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else {
            // When the process is to end, the framework closes every connection that it has no request of: what the fast
            // lane keeps isn't whole, and nothing of it was begun.
            return context.fireUserInboundEventTriggered(event)
        }
        let unsent = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
        if debt.isIdle(unsent: unsent ?? 0) { context.close(promise: nil) }
    }
}
