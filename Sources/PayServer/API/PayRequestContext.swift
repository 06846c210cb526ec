import HTTPTypes
public import Hummingbird
import Logging
import NIOCore

/// What a request carries on its way: its id, and the connection that it came by.
public struct PayRequestContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// Named in the answer, the log and a problem's `instance`.
    var requestID: RequestID
    let channel: any Channel
    var connection: SocketAddress? { channel.remoteAddress }

    public init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        requestID = RequestID()
        channel = source.channel
    }
}
