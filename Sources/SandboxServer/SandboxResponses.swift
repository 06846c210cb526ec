import HTTPTypes
import Hummingbird
import NIOCore
import PayCore
import PayProviders

extension HTTPField.Name {
    static let sandboxTimestamp = Self(SandboxSignature.timestampHeader)!
    static let sandboxSignature = Self(SandboxSignature.signatureHeader)!
}

extension Request {
    /// The largest body. A request is under a kilobyte; a long list of faults has some ten.
    private static let largestBodyBytes = 65_536

    /// Reads the whole body, and keeps it in the request. Nil if it is too large or incomplete.
    mutating func readBody() async -> [UInt8]? {
        guard let buffer = try? await collectBody(upTo: Self.largestBodyBytes) else { return nil }
        return Array(buffer.readableBytesView)
    }

    /// Whether the client is a browser rather than a script.
    var wantsHTML: Bool {
        headers[.accept]?.contains("text/html") == true
    }
}

extension Response {
    static func json(_ body: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    static func json(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> Response {
        json(SandboxWire.encode(value), status: status)
    }

    static func csv(_ body: [UInt8]) -> Response {
        Response(
            status: .ok, headers: [.contentType: "text/csv; charset=utf-8", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    static func problem(_ status: HTTPResponse.Status, _ message: String) -> Response {
        json(["error": message], status: status)
    }

    static var tooLarge: Response { problem(.contentTooLarge, "the body is incomplete or larger than 64 KiB") }

    /// Truncated and unsigned.
    static var garbage: Response { json(Array(#"{"code":"SUCC"#.utf8)) }

    /// A document without scripts and external resources.
    static func html(_ document: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store",
                .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: document)))
    }
}

extension SandboxWire.Answer {
    var status: HTTPResponse.Status {
        switch SandboxWire.Code(rawValue: code) {
        case .success: .ok
        case .invalidParameter, .refused, nil: .badRequest
        case .noSuchTrade, .noSuchRefund, .noBill: .notFound
        case .billNotReady, .parameterChanged, .alreadyPaid, .orderClosed, .closeTooEarly, .notPaid, .refundTooLarge:
            .conflict
        }
    }
}

extension SandboxWire.Answer {
    /// The answer about a refund.
    init(_ refund: SandboxRefund, of trade: SandboxTrade) {
        self.init(
            code: .success,
            refund: SandboxWire.MadeRefund(
                tradeNumber: trade.number, transactionID: trade.payment?.transactionID ?? "",
                refundNumber: refund.number, amount: refund.amount, currency: trade.particulars.currency,
                refundedAtMS: refund.at.milliseconds))
    }
}

extension SandboxTrade {
    func wire(at now: Instant) -> SandboxWire.Trade {
        SandboxWire.Trade(tradeNumber: number, state: state(at: now), payment: payment)
    }
}

/// A trade, as shown to people and scripts.
struct SandboxTradeView: Codable, Hashable, Sendable {
    struct Refund: Codable, Hashable, Sendable {
        let number: String
        let amount: Int64

        private enum CodingKeys: String, CodingKey {
            case amount
            case number = "refund_no"
        }
    }

    let tradeNumber: String
    let channel: String
    let state: SandboxWire.TradeState
    let amount: Int64
    let creates: Int
    let refunded: Int64
    let refunds: [Refund]

    init(_ trade: SandboxTrade, at now: Instant) {
        tradeNumber = trade.number
        channel = trade.particulars.channel
        state = trade.state(at: now)
        amount = trade.particulars.amount
        creates = trade.creates
        refunded = trade.refunded
        refunds = trade.refunds.map { Refund(number: $0.number, amount: $0.amount) }
    }

    private enum CodingKeys: String, CodingKey {
        case channel, state, amount, creates, refunded, refunds
        case tradeNumber = "trade_no"
    }
}

/// A refund that a person asks for.
struct SandboxRefundWish: Codable, Sendable {
    /// In minor units; nil for all that is left.
    let amount: Int64?
}

/// All trades.
struct SandboxTradeListView: Codable, Hashable, Sendable {
    let trades: [SandboxTradeView]
}
