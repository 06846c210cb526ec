import HTTPTypes
package import Hummingbird
import Logging
import NIOCore
package import PayTelemetry

/// The context of a request: its id and its connection.
package struct PayRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// The request's id in the response, in the log and in a problem's `instance`.
    package var requestID: RequestIdentifier
    package let channel: any Channel
    package var connection: SocketAddress? { channel.remoteAddress }

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        requestID = RequestIdentifier()
        channel = source.channel
    }
}
