import HTTPTypes
package import Hummingbird
import Logging
import NIOCore
package import PayTelemetry

/// What a request carries on its way: its id, and the connection that it came by.
package struct PayRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// Named in the answer, the log and a problem's `instance`.
    package var requestID: RequestIdentifier
    package let channel: any Channel
    package var connection: SocketAddress? { channel.remoteAddress }

    package init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        requestID = RequestIdentifier()
        channel = source.channel
    }
}
