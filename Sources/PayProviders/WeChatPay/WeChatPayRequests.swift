import Foundation
import PayCore

/// WeChat Pay's messages, with its own field names.
enum WeChatPayWire {
    /// Keys are sorted, so that a request has only one encoding. WeChat rejects a known number with another encoding.
    /// Unused fields are omitted, because WeChat accepts no null.
    static func encode(_ message: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(message))
        } catch {
            // Strings and integers only, which always have a JSON encoding.
            preconditionFailure("WeChat Pay request can't be encoded as JSON: \(error)")
        }
    }

    /// Nil if the bytes are not such a message.
    static func decode<Message: Decodable>(_ type: Message.Type, from bytes: [UInt8]) -> Message? {
        try? JSONDecoder().decode(type, from: Data(bytes))
    }

    struct Order: Encodable {
        let appid: String
        let mchid: String
        let description: String
        let outTradeNumber: String
        let notifyURL: String
        let timeExpire: String
        let amount: Amount
        let payer: Payer?
        let sceneInfo: SceneInfo?

        private enum CodingKeys: String, CodingKey {
            case appid, mchid, description, amount, payer
            case outTradeNumber = "out_trade_no"
            case notifyURL = "notify_url"
            case timeExpire = "time_expire"
            case sceneInfo = "scene_info"
        }
    }

    struct Amount: Encodable {
        /// In fen.
        let total: Int64
        let currency: String
    }

    struct Payer: Encodable {
        let openid: String
    }

    struct SceneInfo: Encodable {
        let payerClientIP: String
        let h5Info: H5Info

        private enum CodingKeys: String, CodingKey {
            case payerClientIP = "payer_client_ip"
            case h5Info = "h5_info"
        }
    }

    struct H5Info: Encodable {
        /// iOS, Android or Wap. Wap covers every mobile browser.
        let type: String
    }

    struct Close: Encodable {
        let mchid: String
    }

    struct Refund: Encodable {
        let transactionID: String
        let outRefundNumber: String
        let reason: String
        let notifyURL: String?
        let amount: RefundAmount

        private enum CodingKeys: String, CodingKey {
            case reason, amount
            case transactionID = "transaction_id"
            case outRefundNumber = "out_refund_no"
            case notifyURL = "notify_url"
        }
    }

    struct RefundAmount: Encodable {
        /// Both in fen.
        let refund: Int64
        let total: Int64
        let currency: String
    }
}

/// A call to WeChat Pay: the method, the target and the exact bytes of the body.
struct WeChatPayCall: Hashable, Sendable {
    let method: ProviderRequest.Method
    /// The path and the query, as sent and signed.
    let target: String
    let body: [UInt8]

    private init(_ method: ProviderRequest.Method, _ target: String, body: [UInt8] = []) {
        self.method = method
        self.target = target
        self.body = body
    }

    /// Why a create cannot be expressed as a WeChat request. Nothing was sent.
    enum Missing: String, Error {
        case terminalNotServed = "TERMINAL_NOT_SERVED"
        case clientIP = "PAYER_CLIENT_IP_MISSING"
        case openID = "PAYER_OPENID_MISSING"
        case appID = "APPID_MISSING"
    }

    /// Depends only on the merchant id and the stored request, so that each call for a number has the same bytes, also
    /// after a change of the appids.
    static func create(_ request: CreateRequest, _ configuration: WeChatPayConfiguration) throws(Missing) -> Self {
        let stored = request.stored
        guard request.terminal == stored.terminal else { throw .terminalNotServed }
        if stored.terminal == .h5, stored.payer.clientIP == nil { throw .clientIP }
        if stored.terminal.needsOpenID, stored.payer.openID.isEmpty { throw .openID }
        guard let appID = stored.appID else { throw .appID }
        let order = WeChatPayWire.Order(
            appid: appID, mchid: configuration.merchantID,
            description: stored.subject.text.truncated(toUTF16: longestDescription),
            outTradeNumber: request.tradeNumber.text, notifyURL: stored.notifyURL,
            timeExpire: WeChatPayTime.text(stored.providerDeadline),
            amount: WeChatPayWire.Amount(total: stored.money.amount, currency: stored.money.currency.code),
            payer: stored.terminal.needsOpenID ? WeChatPayWire.Payer(openid: stored.payer.openID) : nil,
            sceneInfo: stored.terminal == .h5 ? stored.payer.clientIP.map { WeChatPayWire.SceneInfo($0) } : nil)
        return Self(.post, "/v3/pay/transactions/\(stored.terminal.product)", body: WeChatPayWire.encode(order))
    }

    static func query(_ number: TradeNumber, _ configuration: WeChatPayConfiguration) -> Self {
        Self(.get, "\(path(of: number))?mchid=\(configuration.merchantID)")
    }

    static func close(_ number: TradeNumber, _ configuration: WeChatPayConfiguration) -> Self {
        let close = WeChatPayWire.Close(mchid: configuration.merchantID)
        return Self(.post, "\(path(of: number))/close", body: WeChatPayWire.encode(close))
    }

    /// `total` is the whole payment, also where a part of it is refunded.
    static func refund(_ refund: RefundRequest, _ configuration: WeChatPayConfiguration) -> Self {
        let notifyURL = configuration.notifyURL()
        let wire = WeChatPayWire.Refund(
            transactionID: refund.transactionID.text, outRefundNumber: refund.number,
            reason: refund.chineseReason.truncated(toUTF16: longestReason),
            // WeChat accepts https only. Without notices the refund is polled.
            notifyURL: notifyURL.hasPrefix("https://") ? notifyURL : nil,
            amount: WeChatPayWire.RefundAmount(
                refund: refund.money.amount, total: refund.total.amount, currency: refund.money.currency.code))
        return Self(.post, refunds, body: WeChatPayWire.encode(wire))
    }

    /// The number of a refund that was made in WeChat's console may need percent-encoding.
    static func refundQuery(_ number: String) -> Self {
        Self(.get, "\(refunds)/\(number.percentEncoded)")
    }

    static let certificates = Self(.get, "/v3/certificates")

    static func bill(of day: BillDay) -> Self {
        Self(.get, "/v3/bill/tradebill?bill_date=\(day)&bill_type=ALL&tar_type=GZIP")
    }

    /// In UTF-16 units, the strictest reading of WeChat's limit of 127 characters for `description`.
    private static let longestDescription = 127
    /// In UTF-16 units, as for `description`: WeChat's limit of 80 characters for `reason`.
    private static let longestReason = 80
    private static let refunds = "/v3/refund/domestic/refunds"

    private static func path(of number: TradeNumber) -> String {
        "/v3/pay/transactions/out-trade-no/\(number)"
    }
}

extension WeChatPayCall {
    /// Signs the call for `now`. Everything that differs between two sends is in the headers.
    func request(
        to configuration: WeChatPayConfiguration, signedBy signer: WeChatPaySigner, at now: Instant
    ) -> ProviderRequest {
        var headers = [
            Header(name: "Accept", value: "application/json"),
            Header(name: "Authorization", value: signer.authorization(for: method, target, body, at: now)),
            // Some of WeChat's endpoints reject requests without a User-Agent.
            Header(name: "User-Agent", value: "paypage"),
        ]
        if !body.isEmpty { headers.append(Header(name: "Content-Type", value: "application/json")) }
        // Requests answers signed with the public key. During a migration WeChat may use either key.
        if let key = configuration.publicKeys.first { headers.append(Header(name: "Wechatpay-Serial", value: key.id)) }
        return ProviderRequest(method: method, url: configuration.baseURL + target, headers: headers, body: body)
    }
}

extension WeChatPayWire.SceneInfo {
    fileprivate init(_ clientIP: String) {
        self.init(payerClientIP: clientIP, h5Info: WeChatPayWire.H5Info(type: "Wap"))
    }
}

extension Terminal {
    /// The last part of the path of the create call.
    fileprivate var product: String {
        switch self {
        case .pc: "native"
        case .h5: "h5"
        case .app: "app"
        // A mini program pays by the same product, with its own appid.
        case .jsapi, .mini: "jsapi"
        }
    }
}
