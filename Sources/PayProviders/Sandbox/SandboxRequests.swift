import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The sandbox's wire format, shared by its clients and the sandbox itself.
public enum SandboxWire {
    /// The id of Paypage's merchant account at the sandbox.
    public static let merchantID = "paypage"

    /// The operations of the sandbox, by their path: `POST {base}/api/{operation}`.
    public enum Operation: String, CaseIterable, Sendable {
        case create, query, close, refund, bill
        case refundQuery = "refund_query"

        /// The path below the base URL. The signature covers it.
        public var path: String { "/api/\(rawValue)" }
    }

    /// The kinds of pages.
    public enum PageKind: String, Codable, CaseIterable, Sendable {
        case html, qr, sdk
    }

    /// Creates a trade, or one more page of it.
    public struct Create: Codable, Hashable, Sendable {
        public let trade: TradeParticulars
        public let page: PageKind

        public init(trade: TradeParticulars, page: PageKind) {
            self.trade = trade
            self.page = page
        }
    }

    /// The parameters of a trade. A repeat of its number must have the same ones.
    public struct TradeParticulars: Codable, Hashable, Sendable {
        public let channel: String
        public let tradeNumber: String
        public let amount: Int64
        public let currency: String
        public let subject: String
        /// The instant from which the trade takes no money, in milliseconds since 1970.
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

    /// Identifies a trade for a query or a close.
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

    /// Refunds a part of a trade or all of it.
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
    /// Identifies a refund for its query.
    public struct RefundName: Codable, Hashable, Sendable {
        public let channel: String
        public let tradeNumber: String
        public let transactionID: String
        public let refundNumber: String

        public init(channel: String, tradeNumber: String, transactionID: String, refundNumber: String) {
            self.channel = channel
            self.tradeNumber = tradeNumber
            self.transactionID = transactionID
            self.refundNumber = refundNumber
        }

        private enum CodingKeys: String, CodingKey {
            case channel
            case tradeNumber = "trade_no"
            case transactionID = "transaction_id"
            case refundNumber = "refund_no"
        }
    }

    /// Asks for the bill of a day.
    public struct BillName: Codable, Hashable, Sendable {
        public let channel: String
        /// A day in China: `2026-11-22`.
        public let date: String

        public init(channel: String, date: String) {
            self.channel = channel
            self.date = date
        }
    }

    /// The bill is a CSV file in UTF-8. No field needs quotes. After the header it has a line for each payment and each
    /// refund, by time, and a last line with their number: `total,2`.
    public enum Bill {
        public static let columns = [
            "kind", "trade_no", "transaction_id", "refund_no", "amount", "currency", "at",
        ]
        public static let total = "total"
    }
}

extension SandboxWire {
    /// Encodes a value canonically: equal values have equal bytes.
    public static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(value))
        } catch {
            // Strings and integers only, which always have a JSON encoding.
            preconditionFailure("sandbox message can't be encoded as JSON: \(error)")
        }
    }

    /// Nil if the bytes are not such a value. Numbers must be integers without a fraction or an exponent.
    public static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
        guard let document = JSONDocument(bytes), document.isUnambiguous else { return nil }
        return try? JSONDecoder().decode(type, from: Data(bytes))
    }

    /// The same as `decode` for an answer. Foundation reads the escapes of a page ten times more slowly.
    static func answer(from bytes: [UInt8]) -> Answer? {
        guard let document = JSONDocument(bytes), document.isUnambiguous else { return nil }
        return Answer(page: document.root) ?? decode(Answer.self, from: bytes)
    }
}

extension SandboxWire.Create {
    /// The bytes of `encode`, which takes ten times as long. This message is the most frequent one.
    var json: [UInt8] {
        var json: [UInt8] = []
        json.reserveCapacity(512)
        json += #"{"page":"#.utf8
        json.appendJSON(page.rawValue)
        json += #","trade":{"amount":"#.utf8
        json.append(trade.amount)
        json += #","channel":"#.utf8
        json.appendJSON(trade.channel)
        json += #","currency":"#.utf8
        json.appendJSON(trade.currency)
        json += #","expires_at_ms":"#.utf8
        json.append(trade.expiresAtMS)
        json += #","notify_url":"#.utf8
        json.appendJSON(trade.notifyURL)
        if let url = trade.returnURL {
            json += #","return_url":"#.utf8
            json.appendJSON(url)
        }
        json += #","subject":"#.utf8
        json.appendJSON(trade.subject)
        json += #","trade_no":"#.utf8
        json.appendJSON(trade.tradeNumber)
        json += "}}".utf8
        return json
    }
}

extension JSONDocument {
    fileprivate var isUnambiguous: Bool { !hasNonIntegers && repeatedNames.isEmpty }
}
