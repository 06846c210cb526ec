package import HummingbirdCore
package import Logging
package import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1
package import PayFlow

/// An HTTP/1 connection behind the front door, with an optional byte lane before the routes.
package struct DoorChannel: ServerChildChannel {
    package typealias Value = HTTP1Channel.Value

    private let routes: HTTP1Channel
    private let door: FrontDoor
    private let lane: Current<(any ByteLane)?>

    init(routes: HTTP1Channel, door: FrontDoor, lane: Current<(any ByteLane)?>) {
        self.routes = routes
        self.door = door
        self.lane = lane
    }

    package func setup(channel: any NIOCore.Channel, logger: Logger) -> EventLoopFuture<Value> {
        routes.setup(channel: channel, logger: logger).flatMapThrowing { value in
            if let options = channel.syncOptions {
                try options.setOption(.recvAllocator, value: Self.reads)
                try options.setOption(.maxMessagesPerRead, value: 1)
            }
            let connection = door.enter(channel)
            channel.closeFuture.whenComplete { [door] _ in door.leave(connection) }
            let pipeline = channel.pipeline.syncOperations
            let handler = DoorHandler(door, connection, lane.reader())
            let conversion = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            try pipeline.addHandler(AnswerHandler(handler), position: .before(conversion))
            try pipeline.addHandler(handler, position: .first)
            return value
        }
    }

    package func handle(value: Value, logger: Logger) async {
        await routes.handle(value: value, logger: logger)
    }

    private static var reads: AdaptiveRecvByteBufferAllocator {
        AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 1_024, maximum: DoorLimits.largestRead)
    }
}

extension HTTPServerBuilder {
    /// HTTP/1 behind a front door.
    ///
    /// - Parameter lane: answers requests before the routes; nil passes all requests to the routes.
    package static func http1(_ door: FrontDoor, _ lane: (any ByteLane)? = nil) -> HTTPServerBuilder {
        http1(door, Current(lane))
    }

    /// The same, with a lane that may be replaced. A request is answered by the lane of its beginning.
    package static func http1(_ door: FrontDoor, _ lane: Current<(any ByteLane)?>) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            DoorChannel(
                routes: HTTP1Channel { request, writer, channel in
                    try await responder(request.invitingBody(channel), writer, channel)
                }, door: door, lane: lane)
        }
    }
}
