import PayCore
import PayFlow

extension WeChatPayWire {
    /// The envelope of a notice.
    struct Envelope: Decodable {
        let id: String
        let eventType: String
        let resource: WeChatPaySealed

        private enum CodingKeys: String, CodingKey {
            case id, resource
            case eventType = "event_type"
        }
    }

    /// The content of a refund notice. Its status field has another name than in the answers to calls.
    struct RefundNews: Decodable {
        let mchid: String?
        let outTradeNumber: String
        let outRefundNumber: String
        let refundStatus: String
        let successTime: String?

        private enum CodingKeys: String, CodingKey {
            case mchid
            case successTime = "success_time"
            case outTradeNumber = "out_trade_no"
            case outRefundNumber = "out_refund_no"
            case refundStatus = "refund_status"
        }
    }

    /// The used fields of a notice that changes nothing.
    struct OtherNews: Decodable {
        let outTradeNumber: String?

        private enum CodingKeys: String, CodingKey {
            case outTradeNumber = "out_trade_no"
        }
    }
}

/// Reads notices in the order that WeChat Pay requires: the time window, the signature over the raw bytes, the JSON,
/// the algorithm, the decryption, and only then the content.
struct WeChatPayNotices: Sendable {
    /// In bytes. WeChat's ids have 36 at most.
    private static let longestID = 64

    let account: WeChatPayAccount
    let keys: [Secret]
    let trust: WeChatPayTrust

    func read(_ notice: RawNotice, at now: Instant) throws(NoticeRefusal) -> ProviderNotice {
        switch trust.verdict(on: WeChatPaySignature(notice), of: notice.body, at: now) {
        case .tooOld: throw .tooOld
        case .notSigned: throw .badSignature
        case .unknownSerial: throw .unknownSerial
        case .signed: break
        }
        guard let envelope = WeChatPayWire.decode(WeChatPayWire.Envelope.self, from: notice.body),
            envelope.id.isVisibleASCII(1...Self.longestID)
        else { throw .unreadable }
        return try content(of: envelope, at: now)
    }

    /// A notice that does not decrypt is refused, so that WeChat sends it again. The key may be changing.
    private func content(of envelope: WeChatPayWire.Envelope, at now: Instant) throws(NoticeRefusal) -> ProviderNotice {
        let opened = envelope.resource.open(withOneOf: keys)
        let isOurs = envelope.eventType == "TRANSACTION.SUCCESS" || envelope.eventType.hasPrefix("REFUND.")
        if isOurs, opened == nil { throw .undecryptable }
        if envelope.eventType == "TRANSACTION.SUCCESS" {
            guard let trade = opened.flatMap({ WeChatPayWire.decode(WeChatPayWire.Trade.self, from: $0) }) else {
                throw .unreadable
            }
            return try payment(trade, envelope.id, at: now)
        }
        if envelope.eventType.hasPrefix("REFUND.") {
            guard let news = opened.flatMap({ WeChatPayWire.decode(WeChatPayWire.RefundNews.self, from: $0) }) else {
                throw .unreadable
            }
            return refund(news, envelope.id)
        }
        let news = opened.flatMap { WeChatPayWire.decode(WeChatPayWire.OtherNews.self, from: $0) }
        return ProviderNotice(id: envelope.id, tradeNumber: news?.outTradeNumber ?? "", content: .other)
    }

    private func payment(
        _ trade: WeChatPayWire.Trade, _ id: String, at now: Instant
    ) throws(NoticeRefusal) -> ProviderNotice {
        guard trade.tradeState == "SUCCESS" else {
            return ProviderNotice(id: id, tradeNumber: trade.outTradeNumber, content: .other)
        }
        guard let number = TradeNumber(trade.outTradeNumber) else {
            return ProviderNotice(id: id, tradeNumber: trade.outTradeNumber, content: .foreignPayment)
        }
        guard let receipt = account.receipt(trade, number, at: now) else { throw .unreadable }
        return ProviderNotice(id: id, tradeNumber: number.text, content: .payment(receipt))
    }

    /// A notice from another merchant does not settle a refund. It only triggers a query. A refund that was made in the
    /// console has a number that Paypage does not know.
    private func refund(_ news: WeChatPayWire.RefundNews, _ id: String) -> ProviderNotice {
        let isOurs = news.mchid == account.merchantID
        let answer =
            isOurs
            ? RefundAnswer(status: news.refundStatus, successTime: news.successTime)
            : .unknown(.answered(.otherTrade))
        return ProviderNotice(
            id: id, tradeNumber: news.outTradeNumber, content: .refund(number: news.outRefundNumber, answer))
    }
}

extension NoticeReply {
    /// WeChat repeats a notice that was not answered with a 2xx, and does not display the message.
    static func weChatPay(_ reception: NoticeReception) -> NoticeReply {
        switch reception {
        case .stored: NoticeReply(status: 204, contentType: "application/json", body: "")
        case .refused: failure(401, "the notice could not be verified")
        case .notStored: failure(500, "the notice could not be stored")
        }
    }

    private static func failure(_ status: Int, _ message: String) -> NoticeReply {
        NoticeReply(
            status: status, contentType: "application/json", body: #"{"code":"FAIL","message":"\#(message)"}"#)
    }
}
