public import PayCore
public import PayFlow

/// An endpoint of the merchant, as it is configured.
public struct WebhookEndpoint: Sendable {
    public let name: EndpointName
    public let url: String
    /// A webhook carries a signature of each, so that a receiver may change its key at any time.
    public let signers: [WebhookSigner]
    /// The kinds of its events; nil for every kind.
    public let kinds: Set<OrderEvent.Kind>?

    public init(name: EndpointName, url: String, signers: [WebhookSigner], kinds: Set<OrderEvent.Kind>? = nil) {
        self.name = name
        self.url = url
        self.signers = signers
        self.kinds = kinds
    }

    /// The endpoint as the store knows it.
    public var entry: EndpointEntry { EndpointEntry(name, origin: origin, kinds: kinds) }

    /// The URL's scheme and host.
    var origin: String {
        guard let scheme = url.firstRange(of: "://") else { return url }
        let host = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
        return String(url[..<scheme.upperBound] + host)
    }
}
