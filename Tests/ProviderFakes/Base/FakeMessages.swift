public import PayFlow

/// A header as it was written.
public struct FakeHeader: Hashable, Sendable {
    public let name: String
    public let value: String

    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A request as it came: nothing of it is decoded.
public struct FakeRequest: Hashable, Sendable {
    public let method: String
    /// As on the request line, up to the question mark.
    public let path: String
    /// As on the request line, after the question mark; nil where there is none.
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

    /// The very text on the request line, which signatures cover.
    public var target: String { query.map { "\(path)?\($0)" } ?? path }

    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The value of the header of that name, in whatever case it is written; nil when it came twice.
    public func header(_ name: String) -> String? {
        let found = headers.filter { $0.name.lowercased() == name.lowercased() }
        return found.count == 1 ? found[0].value : nil
    }
}

/// What a fake does about a request.
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
    /// With the content type.
    public let headers: [FakeHeader]
    public let body: [UInt8]

    public init(headers: [FakeHeader], body: [UInt8]) {
        self.headers = headers
        self.body = body
    }

    public init(headers: [FakeHeader], text: String) {
        self.init(headers: headers, body: Array(text.utf8))
    }

    /// As it comes in at the service's door.
    public var raw: RawNotice {
        RawNotice(headers: headers.map { RawNotice.Header(name: $0.name, value: $0.value) }, body: body)
    }
}

/// Why a fake couldn't do what a test asked of it.
public struct FakeProblem: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}
