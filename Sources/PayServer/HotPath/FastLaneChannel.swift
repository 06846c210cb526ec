public import HummingbirdCore
public import Logging
public import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// An HTTP/1 connection with the fast lane ahead of the routes.
public struct FastLaneChannel: ServerChildChannel {
    public typealias Value = HTTP1Channel.Value

    private let routes: HTTP1Channel
    private let lane: FastLane
    private let idleTimeout: TimeAmount

    init(routes: HTTP1Channel, lane: FastLane, idleTimeout: TimeAmount) {
        self.routes = routes
        self.lane = lane
        self.idleTimeout = idleTimeout
    }

    public func setup(channel: any NIOCore.Channel, logger: Logger) -> EventLoopFuture<Value> {
        routes.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let conversion = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            let watch = RoutesHandler()
            // Behind the decoder, so that what counts is a request's next part, and not its next byte.
            try pipeline.addHandlers(
                [IdleStateHandler(allTimeout: idleTimeout), watch], position: .before(conversion))
            try pipeline.addHandler(FastLaneHandler(lane, ahead: watch), position: .first)
            return value
        }
    }

    public func handle(value: Value, logger: Logger) async {
        await routes.handle(value: value, logger: logger)
    }
}

extension HTTPServerBuilder {
    /// HTTP/1 with the fast lane ahead of the routes.
    ///
    /// - Parameter idleTimeout: A connection that says nothing for so long, or sends its request so slowly, is closed, and
    ///   within twice that when the fast lane answered it last. A call that is being answered is not idle; what the fast
    ///   lane keeps of one that isn't whole counts for nothing.
    public static func http1(_ lane: FastLane, idleTimeout: TimeAmount) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            FastLaneChannel(
                routes: HTTP1Channel(responder: responder), lane: lane, idleTimeout: idleTimeout)
        }
    }
}
