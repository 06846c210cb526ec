package import Hummingbird
import NIOCore
import PayAccess
package import PayCore

extension APIParts {
    /// The address of the client that sent a request. Nil if its connection has no address.
    package func clientAddress(of request: Request, _ context: PayRequestContext) -> NetworkAddress? {
        ClientAddress(trustedProxies: rules.trustedProxies)
            .client(
                connection: context.connection?.ipAddress.flatMap(NetworkAddress.init),
                forwardedFor: request.headers[values: .forwardedFor])
    }
}
