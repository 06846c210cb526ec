import NIOCore
import NIOHTTP1

/// Stands behind the HTTP decoder of a connection, ahead of the framework: answers what the fast lane can, hands on the
/// rest, and closes a connection that is idle.
final class FastLaneHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let lane: FastLane
    private var connection = FastConnection()
    /// Takes whole answers, as bytes.
    private var encoder: ChannelHandlerContext?
    private var hasWritten = false

    init(_ lane: FastLane) {
        self.lane = lane
    }

    func handlerAdded(context: ChannelHandlerContext) {
        encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        encoder = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let action =
            switch unwrapInboundIn(data) {
            case .head(let head):
                // A client that doesn't read what it asked for is the routes': they wait for it.
                connection.head(
                    head, context.channel.isWritable ? FastRequest(head) : nil, at: ContinuousClock.now)
            case .body(let part): connection.body(part)
            case .end: connection.end()
            }
        switch action {
        case .hold: break
        case .pass: context.fireChannelRead(data)
        case .giveUp(let held):
            handOn(held, context)
            context.fireChannelRead(data)
        case .tryToAnswer(let held):
            if let answer = lane.answer(held.request, held.body, since: held.began), let encoder {
                encoder.write(NIOAny(IOData.byteBuffer(ByteBuffer(bytes: answer))), promise: nil)
                hasWritten = true
            } else {
                connection.leftToRoutes()
                handOn(held, context)
                context.fireChannelRead(data)
            }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if hasWritten {
            hasWritten = false
            context.flush()
        }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { connection.answered() }
        context.write(data, promise: promise)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else {
            // When the process is to end, the framework closes every connection that it has no request of: what is held
            // here isn't whole, and nothing of it was begun.
            return context.fireUserInboundEventTriggered(event)
        }
        let unsent = try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)
        if connection.isIdle(unsent: unsent ?? 0) { context.close(promise: nil) }
    }

    private func handOn(_ held: FastConnection.Held, _ context: ChannelHandlerContext) {
        context.fireChannelRead(wrapInboundOut(.head(held.head)))
        if let body = held.body { context.fireChannelRead(wrapInboundOut(.body(body))) }
    }
}
