/// Sends requests to a payment provider.
public protocol ProviderTransport: Sendable {
    /// Sends a request and waits for the reply. Any HTTP status is a reply. The error says whether the request was
    /// sent.
    func send(_ request: ProviderRequest) async throws(TransportError) -> ProviderReply
}

/// An HTTP header field.
///
/// Its description omits the value, because a value may be a credential.
public struct Header: Sendable, Equatable, CustomStringConvertible {
    public let name: String
    public let value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    public var description: String { "\(name): …" }
}

/// A request to a provider. The body is sent byte for byte, because a signature covers the bytes.
public struct ProviderRequest: Sendable, Equatable {
    public enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    public let method: Method
    public let url: String
    public let headers: [Header]
    public let body: [UInt8]
    /// Overrides the transport's total time-out when this limit is shorter.
    public var timeLimit: Duration?

    public init(method: Method, url: String, headers: [Header] = [], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

extension ProviderRequest: CustomStringConvertible {
    /// The method and the URL without its query, because the query may contain a signature.
    public var description: String {
        "\(method.rawValue) \(url.prefix { $0 != "?" }) (\(body.count) bytes)"
    }
}

/// A provider's reply. The body is kept byte for byte, because a signature covers the bytes.
public struct ProviderReply: Sendable, Equatable {
    public let status: Int
    public let headers: [Header]
    public let body: [UInt8]

    public init(status: Int, headers: [Header] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The value of the first header with this name, ignoring case.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.isHeader(name) }?.value
    }
}

extension ProviderReply: CustomStringConvertible {
    public var description: String { "\(status) (\(body.count) bytes)" }
}
