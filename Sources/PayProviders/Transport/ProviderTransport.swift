/// The way to a payment provider: one request out, one reply back.
public protocol ProviderTransport: Sendable {
    /// Sends a request and waits for its reply. Any status is a reply; an error says whether the request went out.
    func send(_ request: ProviderRequest) async throws(TransportError) -> ProviderReply
}

/// A header as it is written: a name, and a value.
///
/// Its description leaves the value out, because a value may be a credential.
public struct Header: Sendable, Equatable, CustomStringConvertible {
    public let name: String
    public let value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    public var description: String { "\(name): …" }
}

/// What a provider is asked. The bytes given are the bytes sent, because a signature covers them.
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
    /// The longest that it may take, where that is less than the transport's own total time-out.
    public var timeLimit: Duration?

    public init(method: Method, url: String, headers: [Header] = [], body: [UInt8] = []) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

extension ProviderRequest: CustomStringConvertible {
    /// The method and the address without its query, which may hold a signature.
    public var description: String {
        "\(method.rawValue) \(url.prefix { $0 != "?" }) (\(body.count) bytes)"
    }
}

/// What a provider answered. The body is the very bytes that came, because a signature covers them.
public struct ProviderReply: Sendable, Equatable {
    public let status: Int
    public let headers: [Header]
    public let body: [UInt8]

    public init(status: Int, headers: [Header] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The value of the first header of that name, in whatever case it is written.
    public func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        let length = name.utf8.count
        return headers.first { $0.name.utf8.count == length && $0.name.lowercased() == wanted }?.value
    }
}

extension ProviderReply: CustomStringConvertible {
    public var description: String { "\(status) (\(body.count) bytes)" }
}
