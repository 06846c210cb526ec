import PayCore

extension SandboxWire {
    /// A signed answer.
    public struct Answer: Codable, Hashable, Sendable {
        public let code: String
        /// For people who read a trace. No rule uses it.
        public let message: String?
        public let page: Page?
        public let trade: Trade?
        public let refund: MadeRefund?

        public init(
            code: Code, message: String? = nil, page: Page? = nil, trade: Trade? = nil, refund: MadeRefund? = nil
        ) {
            self.code = code.rawValue
            self.message = message
            self.page = page
            self.trade = trade
            self.refund = refund
        }

        /// An answer with a page. Nil for any other answer.
        init?(page json: JSONNode) {
            guard case .object(let answer) = json, answer["trade"] == nil, answer["refund"] == nil,
                case .text(let code)? = answer["code"], case .object(let page)? = answer["page"],
                case .text(let kind)? = page["kind"], let kind = PageKind(rawValue: kind),
                case .text(let content)? = page["content"]
            else { return nil }
            switch answer["message"] {
            case nil: message = nil
            case .text(let text): message = text
            default: return nil
            }
            self.code = code
            self.page = Page(kind: kind, content: content)
            (trade, refund) = (nil, nil)
        }
    }

    /// The codes that clients react to. Any other signed code is a refusal.
    public enum Code: String, CaseIterable, Error, Sendable {
        case success = "SUCCESS"
        case invalidParameter = "INVALID_PARAMETER"
        case parameterChanged = "PARAMETER_CHANGED"
        case alreadyPaid = "ALREADY_PAID"
        case orderClosed = "ORDER_CLOSED"
        case noSuchTrade = "NO_SUCH_TRADE"
        case closeTooEarly = "CLOSE_TOO_EARLY"
        case notPaid = "NOT_PAID"
        case refundTooLarge = "REFUND_TOO_LARGE"
        case noSuchRefund = "NO_SUCH_REFUND"
        /// Nothing was paid or refunded on the day.
        case noBill = "NO_BILL"
        /// The day is not over.
        case billNotReady = "BILL_NOT_READY"
        case refused = "REFUSED"
    }

    public struct Page: Codable, Hashable, Sendable {
        public let kind: PageKind
        public let content: String

        public init(kind: PageKind, content: String) {
            self.kind = kind
            self.content = content
        }
    }

    public enum TradeState: String, Codable, CaseIterable, Sendable {
        case unpaid, paid, closed, refunded
    }

    /// A trade in the answer to a query.
    public struct Trade: Codable, Hashable, Sendable {
        public let tradeNumber: String
        public let state: TradeState
        public let payment: Payment?

        public init(tradeNumber: String, state: TradeState, payment: Payment?) {
            self.tradeNumber = tradeNumber
            self.state = state
            self.payment = payment
        }

        private enum CodingKeys: String, CodingKey {
            case state, payment
            case tradeNumber = "trade_no"
        }
    }

    /// A payment of a trade.
    public struct Payment: Codable, Hashable, Sendable {
        public let merchantID: String
        public let transactionID: String
        public let amount: Int64
        public let currency: String
        public let paidAtMS: Int64

        public init(
            merchantID: String = SandboxWire.merchantID, transactionID: String, amount: Int64, currency: String,
            paidAtMS: Int64
        ) {
            self.merchantID = merchantID
            self.transactionID = transactionID
            self.amount = amount
            self.currency = currency
            self.paidAtMS = paidAtMS
        }

        private enum CodingKeys: String, CodingKey {
            case amount, currency
            case merchantID = "merchant_id"
            case transactionID = "transaction_id"
            case paidAtMS = "paid_at_ms"
        }
    }

    /// A refund in the answer to its request or its query. The sandbox returns money at once.
    public struct MadeRefund: Codable, Hashable, Sendable {
        public let tradeNumber: String
        public let transactionID: String
        public let refundNumber: String
        public let amount: Int64
        public let currency: String
        public let refundedAtMS: Int64

        public init(
            tradeNumber: String, transactionID: String, refundNumber: String, amount: Int64, currency: String,
            refundedAtMS: Int64
        ) {
            self.tradeNumber = tradeNumber
            self.transactionID = transactionID
            self.refundNumber = refundNumber
            self.amount = amount
            self.currency = currency
            self.refundedAtMS = refundedAtMS
        }

        private enum CodingKeys: String, CodingKey {
            case amount, currency
            case tradeNumber = "trade_no"
            case transactionID = "transaction_id"
            case refundNumber = "refund_no"
            case refundedAtMS = "refunded_at_ms"
        }
    }

    /// A notice of a payment or a refund, sent to a trade's `notify_url`.
    public struct Notice: Codable, Hashable, Sendable {
        /// The same for every try of the notice.
        public let id: String
        public let channel: String
        public let tradeNumber: String
        public let payment: Payment?
        /// The number of a refund that succeeded.
        public let refundNumber: String?
        /// When it succeeded.
        public let refundedAtMS: Int64?

        public init(
            id: String, channel: String, tradeNumber: String, payment: Payment?, refundNumber: String?,
            refundedAtMS: Int64? = nil
        ) {
            self.id = id
            self.channel = channel
            self.tradeNumber = tradeNumber
            self.payment = payment
            self.refundNumber = refundNumber
            self.refundedAtMS = refundedAtMS
        }

        private enum CodingKeys: String, CodingKey {
            case id, channel, payment
            case tradeNumber = "trade_no"
            case refundNumber = "refund_no"
            case refundedAtMS = "refunded_at_ms"
        }
    }
}
