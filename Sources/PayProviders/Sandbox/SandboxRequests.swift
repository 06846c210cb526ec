import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The sandbox's words on the wire, as its clients and the provider itself write and read them.
public enum SandboxWire {
    /// The name of the merchant account that all of Paypage has at the sandbox.
    public static let merchantID = "paypage"

    /// What a sandbox is asked, as the path says it: `POST {base}/api/{operation}`.
    public enum Operation: String, CaseIterable, Sendable {
        case create, query, close, refund
        case refundQuery = "refund_query"

        /// The path below the base address, which is what a signature covers.
        public var path: String { "/api/\(rawValue)" }
    }

    /// A page of a trade, by its kind.
    public enum PageKind: String, Codable, CaseIterable, Sendable {
        case html, qr, sdk
    }

    /// Opens a trade, or makes one more page of it.
    public struct Create: Codable, Hashable, Sendable {
        public let trade: TradeParticulars
        public let page: PageKind

        public init(trade: TradeParticulars, page: PageKind) {
            self.trade = trade
            self.page = page
        }
    }

    /// What a trade is: none of it may change when its number is sent again.
    public struct TradeParticulars: Codable, Hashable, Sendable {
        public let channel: String
        public let tradeNumber: String
        public let amount: Int64
        public let currency: String
        public let subject: String
        /// The absolute instant from which the trade takes no money, in milliseconds since 1970.
        public let expiresAtMS: Int64
        public let notifyURL: String
        public let returnURL: String?

        public init(
            channel: String, tradeNumber: String, amount: Int64, currency: String, subject: String, expiresAtMS: Int64,
            notifyURL: String, returnURL: String?
        ) {
            self.channel = channel
            self.tradeNumber = tradeNumber
            self.amount = amount
            self.currency = currency
            self.subject = subject
            self.expiresAtMS = expiresAtMS
            self.notifyURL = notifyURL
            self.returnURL = returnURL
        }

        private enum CodingKeys: String, CodingKey {
            case channel, amount, currency, subject
            case tradeNumber = "trade_no"
            case expiresAtMS = "expires_at_ms"
            case notifyURL = "notify_url"
            case returnURL = "return_url"
        }
    }

    /// Names a trade, to query or to close it.
    public struct TradeName: Codable, Hashable, Sendable {
        public let channel: String
        public let tradeNumber: String

        public init(channel: String, tradeNumber: String) {
            self.channel = channel
            self.tradeNumber = tradeNumber
        }

        private enum CodingKeys: String, CodingKey {
            case channel
            case tradeNumber = "trade_no"
        }
    }

    /// Gives money of a trade back. To follow it, it is sent again as it was, to another operation.
    public struct Refund: Codable, Hashable, Sendable {
        public let channel: String
        public let tradeNumber: String
        public let transactionID: String
        public let refundNumber: String
        public let amount: Int64
        public let currency: String

        public init(
            channel: String, tradeNumber: String, transactionID: String, refundNumber: String, amount: Int64,
            currency: String
        ) {
            self.channel = channel
            self.tradeNumber = tradeNumber
            self.transactionID = transactionID
            self.refundNumber = refundNumber
            self.amount = amount
            self.currency = currency
        }

        private enum CodingKeys: String, CodingKey {
            case channel, amount, currency
            case tradeNumber = "trade_no"
            case transactionID = "transaction_id"
            case refundNumber = "refund_no"
        }
    }
}

extension SandboxWire {
    /// The one spelling of a value: the same value is the same bytes.
    public static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            // These structures hold strings and integers, and JSON has a spelling for each of them.
            preconditionFailure("sandbox message can't be encoded as JSON: \(error)")
        }
    }

    /// Nil when the bytes are no such value. Its numbers are integers, written without a fraction or an exponent.
    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
        guard let scan = JSONScan(bytes), scan.nonIntegers.isEmpty, scan.repeatedNames.isEmpty else { return nil }
        return try? JSONDecoder().decode(type, from: Data(bytes))
    }
}
