import FrontDoor
import NIOCore
import PayCore
import PayTelemetry

/// The head of a request that the fast lane can answer.
package struct FastRequest: Sendable {
    enum Call {
        /// `GET /v1/payments/{out_trade_no}/page`
        case page
        /// `POST /v1/payments/{out_trade_no}/repay`
        case repay
    }

    let call: Call
    let number: OrderNumber
    /// The query, after the path's `?`. Empty if there is none.
    let query: String
    let authorization: String
    let accept: String?
    let contentType: String?
    let requestID: RequestIdentifier?

    /// Nil if the request has to pass to the routes: another path, a field that a plain call doesn't have, or a
    /// repeated field.
    ///
    /// - Parameter bytes: the bytes of the request, starting with the head.
    init?(_ head: WireHead, in bytes: ByteBuffer) {
        let fields = head.fields
        guard head.isPlain, let authorization = fields.authorization,
            let target = bytes.withUnsafeReadableBytes({ FastTarget(head, in: $0) })
        else { return nil }
        (call, number, query) = (target.call, target.number, target.query)
        self.authorization = authorization
        (accept, contentType) = (fields.accept, fields.contentType)
        requestID = fields.requestID.flatMap(RequestIdentifier.init(given:))
    }
}

/// The parsed path of a fast lane request.
private struct FastTarget {
    let call: FastRequest.Call
    let number: OrderNumber
    let query: String

    private static let prefix = "/v1/payments/".utf8

    init?(_ head: WireHead, in bytes: UnsafeRawBufferPointer) {
        let method = UnsafeRawBufferPointer(rebasing: bytes[head.method])
        let target = UnsafeRawBufferPointer(rebasing: bytes[head.target])
        guard target.starts(with: Self.prefix), ByteKind.strictTarget.hasAll(of: target) else { return nil }
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
