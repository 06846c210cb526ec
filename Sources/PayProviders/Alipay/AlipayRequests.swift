import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The calls to Alipay's gateway. `alipay.trade.cancel` is deliberately missing: for a paid trade it refunds the buyer.
enum AlipayMethod: String, CaseIterable, Sendable {
    case pagePay = "alipay.trade.page.pay"
    case wapPay = "alipay.trade.wap.pay"
    case appPay = "alipay.trade.app.pay"
    case precreate = "alipay.trade.precreate"
    case query = "alipay.trade.query"
    case close = "alipay.trade.close"
    case refund = "alipay.trade.refund"
    case refundQuery = "alipay.trade.fastpay.refund.query"
    case billAddress = "alipay.data.dataservice.bill.downloadurl.query"
    case certificate = "alipay.open.app.alipaycert.download"

    /// The name of the answer's node.
    var node: String { rawValue.replacing(".", with: "_") + "_response" }
}

/// The business content of each request, with Alipay's field names.
enum AlipayWire {
    /// Creates a trade: the content of a signed page or of a precreate call.
    struct Pay: Encodable, Sendable {
        let tradeNumber: String
        let amount: String
        let subject: String
        let productCode: String
        let expiresAt: String
        /// The URL that the mobile cashier opens when the buyer cancels.
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

    /// Identifies a trade for a query or a close.
    struct TradeName: Encodable, Sendable {
        let tradeNumber: String

        private enum CodingKeys: String, CodingKey {
            case tradeNumber = "out_trade_no"
        }
    }

    /// Asks for a certificate of Alipay's by its number.
    struct CertificateName: Encodable, Sendable {
        let number: String

        private enum CodingKeys: String, CodingKey {
            case number = "alipay_cert_sn"
        }
    }

    /// Documented fields only: an undocumented field may fail the refund, or cause a second one.
    struct Refund: Encodable, Sendable {
        let transactionID: String
        let refundNumber: String
        let amount: String
        /// Shown to the buyer and to the merchant.
        let reason: String

        private enum CodingKeys: String, CodingKey {
            case transactionID = "trade_no"
            case refundNumber = "out_request_no"
            case amount = "refund_amount"
            case reason = "refund_reason"
        }
    }

    /// Identifies a refund for its query.
    struct RefundName: Encodable, Sendable {
        let transactionID: String
        let refundNumber: String
        /// Alipay tells the time of the refund only if it is asked for.
        private let queryOptions = ["gmt_refund_pay"]

        init(transactionID: String, refundNumber: String) {
            self.transactionID = transactionID
            self.refundNumber = refundNumber
        }

        private enum CodingKeys: String, CodingKey {
            case transactionID = "trade_no"
            case refundNumber = "out_request_no"
            case queryOptions = "query_options"
        }
    }

    /// Alipay rejects `/`, `=` and `&` in a subject. Their full-width forms look alike. A refund's reason is treated in the
    /// same way.
    static func text(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar {
                    case "/": "／"
                    case "=": "＝"
                    case "&": "＆"
                    default: scalar
                    }
                }))
    }

    /// Encoded once, so that the signed text is the text that is sent.
    static func encode(_ content: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(content), as: UTF8.self)
        } catch {
            // Strings and lists of strings only, which always have a JSON encoding.
            preconditionFailure("Alipay request can't be encoded as JSON: \(error)")
        }
    }
}

extension AlipayWire.Refund {
    init(_ refund: RefundRequest) {
        self.init(
            transactionID: refund.transactionID.text, refundNumber: refund.number,
            amount: AlipayMoney.yuan(fen: refund.money.amount),
            reason: AlipayWire.text(refund.chineseReason.truncated(toUTF16: Self.longestReason)))
    }

    /// In UTF-16 units: Alipay's limit of 256 characters.
    private static let longestReason = 256
}

extension AlipayWire.Pay {
    /// Depends only on the stored request, never on the current time, so that a repeat has the same content.
    init(_ request: CreateRequest, by method: AlipayMethod) {
        let stored = request.stored
        self.init(
            tradeNumber: request.tradeNumber.text, amount: AlipayMoney.yuan(fen: stored.money.amount),
            subject: AlipayWire.text(stored.subject.text), productCode: Self.productCode(of: method),
            expiresAt: AlipayTime.text(stored.providerDeadline),
            quitURL: method == .wapPay ? stored.returnURL : nil)
    }

    private static func productCode(of method: AlipayMethod) -> String {
        switch method {
        case .pagePay: "FAST_INSTANT_TRADE_PAY"
        // The documented code. Other clients send QUICK_WAP_PAY; it was not confirmed that Alipay accepts it.
        case .wapPay: "QUICK_WAP_WAY"
        case .appPay: "QUICK_MSECURITY_PAY"
        // The documented code. Newer pages of the documentation name QR_CODE_OFFLINE, which was not confirmed.
        case .precreate, .query, .close, .refund, .refundQuery, .billAddress, .certificate: "FACE_TO_FACE_PAYMENT"
        }
    }
}
