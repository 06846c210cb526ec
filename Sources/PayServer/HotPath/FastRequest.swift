import NIOHTTP1
import PayCore

/// A request that a page in memory may answer, as far as its head tells: nothing in it but what the fast lane knows.
struct FastRequest {
    enum Call {
        /// `GET /v1/payments/{out_trade_no}/page`
        case page
        /// `POST /v1/payments/{out_trade_no}/repay`
        case repay
    }

    let call: Call
    let number: OrderNumber
    /// What stands behind the path's `?`; empty for nothing.
    let query: String
    let authorization: String
    let accept: String?
    let contentType: String?
    let requestID: RequestID?

    /// Nil for whatever the routes have to look at: another path, another header than those of a plain call, one of them
    /// twice.
    init?(_ head: HTTPRequestHead) {
        guard head.version == .http1_1, let target = FastTarget(head) else { return nil }
        var authorization, accept, contentType, requestID: String?
        for (name, value) in head.headers {
            switch FastHeader(name) {
            case .authorization where authorization == nil: authorization = value
            case .accept where accept == nil: accept = value
            case .contentType where contentType == nil: contentType = value
            case .requestID where requestID == nil: requestID = value
            case .connection where Self.keepsAlive(value): break
            case .unimportant: break
            default: return nil
            }
        }
        guard let authorization else { return nil }
        (call, number, query) = (target.call, target.number, target.query)
        (self.authorization, self.accept, self.contentType) = (authorization, accept, contentType)
        self.requestID = requestID.flatMap(RequestID.init(given:))
    }
}

extension FastRequest {
    /// What a connection of HTTP/1.1 does anyhow, said by clients that also speak 1.0.
    private static func keepsAlive(_ connection: String) -> Bool {
        connection.utf8.count == 10 && connection.lowercased() == "keep-alive"
    }
}

/// The path of a call of the fast lane, taken apart.
private struct FastTarget {
    let call: FastRequest.Call
    let number: OrderNumber
    let query: String

    private static let prefix = "/v1/payments/"

    init?(_ head: HTTPRequestHead) {
        guard head.method == .GET || head.method == .POST, head.uri.hasPrefix(Self.prefix) else { return nil }
        let rest = head.uri.utf8.dropFirst(Self.prefix.utf8.count)
        guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        let end = rest[slash...].firstIndex(of: UInt8(ascii: "?"))
        switch (head.method, rest[slash..<(end ?? rest.endIndex)]) {
        case (.GET, let name) where name.elementsEqual("/page".utf8): call = .page
        case (.POST, let name) where name.elementsEqual("/repay".utf8): call = .repay
        default: return nil
        }
        guard let number = OrderNumber(String(head.uri[rest.startIndex..<slash])) else { return nil }
        self.number = number
        query = end.map { String(head.uri[rest.index(after: $0)...]) } ?? ""
    }
}

/// What a header means to the fast lane.
private enum FastHeader {
    case authorization, accept, connection, contentType, requestID
    /// It changes nothing of the answer.
    case unimportant
    /// The routes know what it asks for.
    case other

    init(_ name: String) {
        self = Self.known[name] ?? Self.known[name.lowercased()] ?? .unimportant
    }

    private static let known: [String: FastHeader] = [
        "authorization": .authorization, "Authorization": .authorization, "accept": .accept, "Accept": .accept,
        "content-type": .contentType, "Content-Type": .contentType, "x-request-id": .requestID,
        "host": .unimportant, "Host": .unimportant, "content-length": .unimportant, "Content-Length": .unimportant,
        "user-agent": .unimportant, "User-Agent": .unimportant,
        "connection": .connection, "Connection": .connection,
        // What changes the connection, asks for something else than the page, or comes from a browser's script.
        "expect": .other, "idempotency-key": .other, "if-none-match": .other, "origin": .other,
        "transfer-encoding": .other, "upgrade": .other,
    ]
}
