public import PayFlow

/// A raw header field.
public struct FakeHeader: Hashable, Sendable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A raw request, not decoded.
public struct FakeRequest: Hashable, Sendable {
    public let method: String
    /// From the request line, up to the question mark.
    public let path: String
    /// From the request line, after the question mark; nil if there is none.
    public let query: String?
    public let headers: [FakeHeader]
    public let body: [UInt8]

    public init(method: String, path: String, query: String?, headers: [FakeHeader], body: [UInt8]) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The exact target on the request line, which signatures cover.
    public var target: String { query.map { "\(path)?\($0)" } ?? path }

    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of the header with that name, ignoring case; nil if it occurs twice.
    public func header(_ name: String) -> String? {
        let found = headers.filter { $0.name.lowercased() == name.lowercased() }
        return found.count == 1 ? found[0].value : nil
    }
}

/// A fake's reaction to a request.
public enum FakeReply: Hashable, Sendable {
    case answer(status: Int, headers: [FakeHeader], body: [UInt8])
    /// The connection is held until the client leaves or the server stops.
    case silence
    /// The connection breaks in the middle of an answer.
    case brokenOff

    public static func answer(_ status: Int, _ contentType: String, _ text: String) -> FakeReply {
        .answer(status: status, headers: [FakeHeader("Content-Type", contentType)], body: Array(text.utf8))
    }
}

/// A notice as the provider would POST it.
public struct FakeNotice: Hashable, Sendable {
    /// Including the content type.
    public let headers: [FakeHeader]
    public let body: [UInt8]

    public init(headers: [FakeHeader], body: [UInt8]) {
        self.headers = headers
        self.body = body
    }

    public init(headers: [FakeHeader], text: String) {
        self.init(headers: headers, body: Array(text.utf8))
    }

    /// The notice as the service receives it.
    public var raw: RawNotice {
        RawNotice(headers: headers.map { RawNotice.Header(name: $0.name, value: $0.value) }, body: body)
    }
}

/// Why a fake could not do what a test requested.
public struct FakeProblem: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
