import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What Alipay's gateway can be asked. `alipay.trade.cancel` is left out for good: it gives back the money of a trade
/// that turns out to be paid.
enum AlipayMethod: String, CaseIterable, Sendable {
    case pagePay = "alipay.trade.page.pay"
    case wapPay = "alipay.trade.wap.pay"
    case appPay = "alipay.trade.app.pay"
    case precreate = "alipay.trade.precreate"
    case query = "alipay.trade.query"
    case close = "alipay.trade.close"
    case refund = "alipay.trade.refund"
    case refundQuery = "alipay.trade.fastpay.refund.query"

    /// The name of the node that holds the answer.
    var node: String { rawValue.replacing(".", with: "_") + "_response" }
}

/// The business content of each request, by Alipay's names.
enum AlipayWire {
    /// Opens a trade: what is signed into a page, or asked for with precreate.
    struct Pay: Encodable, Sendable {
        let tradeNumber: String
        let amount: String
        let subject: String
        let productCode: String
        let expiresAt: String
        /// Where the mobile cashier goes when the buyer gives up.
        let quitURL: String?

        private enum CodingKeys: String, CodingKey {
            case tradeNumber = "out_trade_no"
            case amount = "total_amount"
            case subject
            case productCode = "product_code"
            case expiresAt = "time_expire"
            case quitURL = "quit_url"
        }
    }

    /// Names a trade, to query or to close it.
    struct TradeName: Encodable, Sendable {
        let tradeNumber: String

        private enum CodingKeys: String, CodingKey {
            case tradeNumber = "out_trade_no"
        }
    }

    /// Nothing that isn't documented: unknown fields in this call may fail it, or do it twice.
    struct Refund: Encodable, Sendable {
        let transactionID: String
        let refundNumber: String
        let amount: String

        private enum CodingKeys: String, CodingKey {
            case transactionID = "trade_no"
            case refundNumber = "out_request_no"
            case amount = "refund_amount"
        }
    }

    struct RefundName: Encodable, Sendable {
        let transactionID: String
        let refundNumber: String

        private enum CodingKeys: String, CodingKey {
            case transactionID = "trade_no"
            case refundNumber = "out_request_no"
        }
    }

    /// Written once: the text that is signed is the text that is sent.
    static func encode(_ content: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(content), as: UTF8.self)
        } catch {
            // These structures hold strings alone, and JSON has a spelling for each of them.
            preconditionFailure("Alipay request can't be encoded as JSON: \(error)")
        }
    }
}

extension AlipayWire.Pay {
    /// The same stored request gives the same content: nothing in it is reckoned from now.
    init(_ request: CreateRequest, by method: AlipayMethod) {
        let stored = request.stored
        self.init(
            tradeNumber: request.tradeNumber.text, amount: AlipayMoney.yuan(fen: stored.money.amount),
            subject: Self.subject(stored.subject), productCode: Self.productCode(of: method),
            expiresAt: AlipayTime.text(stored.providerDeadline),
            quitURL: method == .wapPay ? stored.returnURL : nil)
    }

    /// Alipay takes no `/`, `=` or `&` in a subject: their full-width forms read the same.
    private static func subject(_ subject: Subject) -> String {
        String(
            String.UnicodeScalarView(
                subject.text.unicodeScalars.map { scalar in
                    switch scalar {
                    case "/": "／"
                    case "=": "＝"
                    case "&": "＆"
                    default: scalar
                    }
                }))
    }

    private static func productCode(of method: AlipayMethod) -> String {
        switch method {
        case .pagePay: "FAST_INSTANT_TRADE_PAY"
        // The documented one. That QUICK_WAP_PAY, which others send, is taken too could not be confirmed.
        case .wapPay: "QUICK_WAP_WAY"
        case .appPay: "QUICK_MSECURITY_PAY"
        // The documented one. Newer pages of the documentation want QR_CODE_OFFLINE, which could not be confirmed.
        case .precreate, .query, .close, .refund, .refundQuery: "FACE_TO_FACE_PAYMENT"
        }
    }
}
