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

    /// Nil for whatever the routes have to look at: another path, another field than those of a plain call, one of them
    /// twice.
    init?(_ method: UnsafeRawBufferPointer, _ target: UnsafeRawBufferPointer, _ fields: WireFields) {
        guard fields.arePlain, let authorization = fields.authorization, let target = FastTarget(method, target) else {
            return nil
        }
        (call, number, query) = (target.call, target.number, target.query)
        self.authorization = authorization
        (accept, contentType) = (fields.accept, fields.contentType)
        requestID = fields.requestID.flatMap(RequestID.init(given:))
    }
}

/// The path of a call of the fast lane, taken apart.
private struct FastTarget {
    let call: FastRequest.Call
    let number: OrderNumber
    let query: String

    private static let prefix = "/v1/payments/".utf8

    init?(_ method: UnsafeRawBufferPointer, _ target: UnsafeRawBufferPointer) {
        guard target.starts(with: Self.prefix), target.allSatisfy(ByteKind.strictTarget.has) else { return nil }
        let rest = target.dropFirst(Self.prefix.count)
        guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        let end = rest[slash...].firstIndex(of: UInt8(ascii: "?"))
        let name = rest[slash..<(end ?? rest.endIndex)]
        if method.elementsEqual("GET".utf8), name.elementsEqual("/page".utf8) {
            call = .page
        } else if method.elementsEqual("POST".utf8), name.elementsEqual("/repay".utf8) {
            call = .repay
        } else {
            return nil
        }
        guard let number = OrderNumber(String(decoding: rest[..<slash], as: UTF8.self)) else { return nil }
        self.number = number
        query = end.map { String(decoding: rest[($0 + 1)...], as: UTF8.self) } ?? ""
    }
}
