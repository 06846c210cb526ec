import PayCore
import PayFlow

/// The fields of a notice, decoded once.
struct AlipayNoticeFields {
    /// Alipay's notices have about 30 fields in 2 KiB. Larger bodies are rejected before any cryptography.
    static let mostBytes = 65_536
    static let mostFields = 100
    static let longestName = 64

    /// Every field in the order received, empty ones included. No name occurs twice.
    let all: [AlipayParameter]
    private let values: [String: String]

    /// Parses a form: unique names of letters, digits and underscores, with UTF-8 values. Nil for any other body.
    init?(_ body: [UInt8]) {
        guard !body.isEmpty, body.count <= Self.mostBytes else { return nil }
        let pairs = body.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        guard pairs.count <= Self.mostFields else { return nil }
        var fields: [AlipayParameter] = []
        for pair in pairs {
            guard let mark = pair.firstIndex(of: UInt8(ascii: "=")), let field = Self.field(pair, mark) else {
                return nil
            }
            fields.append(field)
        }
        values = Dictionary(fields.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
        guard values.count == fields.count else { return nil }
        all = fields
    }

    /// Nil for a missing or an empty field. Empty fields are ignored, because the signature may omit them.
    subscript(name: String) -> String? {
        values[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func field(_ pair: ArraySlice<UInt8>, _ mark: Int) -> AlipayParameter? {
        let name = pair[..<mark]
        guard (1...longestName).contains(name.count), name.allSatisfy(\.isASCIIWord),
            let value = decoded(pair[(mark + 1)...]), !holdsAnotherField(value)
        else { return nil }
        return AlipayParameter(String(decoding: name, as: UTF8.self), value)
    }

    /// Decodes `+` as a space and `%XX` as a byte.
    private static func decoded(_ text: ArraySlice<UInt8>) -> String? {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(Hexadecimal.value),
                    let low = rest.popFirst().flatMap(Hexadecimal.value)
                else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "="): return nil
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Whether a value contains text that reads as a field in the signed text (`…&seller_id=…`). One signature would
    /// then cover two readings. No genuine notice for Paypage contains such a value.
    private static func holdsAnotherField(_ value: String) -> Bool {
        value.utf8.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false).dropFirst().contains { part in
            let name = part.prefix { $0 != UInt8(ascii: "=") }
            return name.count < part.count && !name.isEmpty && name.allSatisfy(\.isASCIIWord)
        }
    }
}

extension AlipayNoticeFields {
    /// The number of the certificate that signed, in certificate mode.
    var certificateNumber: String? { self["alipay_cert_sn"] }

    /// Whether Alipay signed the notice with RSA2, over all fields except `sign` and `sign_type`. The documentation
    /// contradicts itself about empty fields, and its SDKs about `alipay_cert_sn`, so every reading is tried.
    func isSigned(by key: RSAVerifyingKey) -> Bool {
        guard self["sign_type"] == "RSA2", let signature = self["sign"] else { return false }
        let whole = all.filter { $0.name != "sign" && $0.name != "sign_type" }
        var readings: [[AlipayParameter]] = []
        for fields in [whole.filter { $0.name != "alipay_cert_sn" }, whole] {
            for reading in [fields, fields.filter { !$0.value.isEmpty }] where !readings.contains(reading) {
                readings.append(reading)
            }
        }
        return readings.contains { key.isSigned(Array(AlipaySignString.of($0).utf8), byBase64: signature) }
    }
}

extension ProviderNotice {
    private static let paymentType = "trade_status_sync"
    /// Alipay's own ids have 34 characters.
    private static let longestID = 128
    /// Alipay's limit for trade numbers.
    private static let longestTradeNumber = 64

    /// Reads a notice with a verified signature. Nil if a required field is missing or invalid.
    init?(_ fields: AlipayNoticeFields, channel: Channel, configuration: AlipayConfiguration, at now: Instant) {
        guard let id = fields["notify_id"], id.utf8.count <= Self.longestID else { return nil }
        let named = fields["out_trade_no"]
        let isOurs = fields["app_id"] == configuration.appID
        guard let status = fields.paidStatus(type: Self.paymentType) else {
            // Another application of the account may have given one of its trades the number of ours.
            guard isOurs else {
                self.init(id: id, tradeNumber: "", content: .other)
                return
            }
            // A paid trade is closed by the refund that returns the last of its money.
            let content = fields.closingRefund.map { Content.refund(number: $0, .submitted) } ?? .other
            self.init(id: id, tradeNumber: String((named ?? "").prefix(Self.longestTradeNumber)), content: content)
            return
        }
        guard let named, named.utf8.count <= Self.longestTradeNumber else { return nil }
        guard let number = TradeNumber(named) else {
            self.init(id: id, tradeNumber: named, content: .foreignPayment)
            return
        }
        let receipt = Receipt(fields, status, number: number, channel: channel, configuration: configuration, at: now)
        guard let receipt else { return nil }
        let refund = isOurs ? fields.refundNumber : nil
        let content: Content = refund.map { .refundedPayment(receipt, refund: $0) } ?? .payment(receipt)
        self.init(id: id, tradeNumber: named, content: content)
    }
}

extension AlipayNoticeFields {
    /// The number of the refund that caused the notice; nil if none did. `refund_fee` is the sum of all refunds of the
    /// trade, so that only a query tells the amount of this one.
    fileprivate var refundNumber: String? {
        guard self["gmt_refund"] != nil || self["refund_fee"].flatMap(AlipayMoney.fen).map({ $0 > 0 }) == true,
            let number = self["out_biz_no"], number.isVisibleASCII(1...ForeignRefund.longestNumber)
        else { return nil }
        return number
    }

    /// The number of the refund that closed the trade; nil if the trade is not closed, or was closed unpaid.
    fileprivate var closingRefund: String? {
        self["trade_status"].flatMap(AlipayTradeStatus.init) == .closed ? refundNumber : nil
    }

    /// The state of a trade that the notice reports as paid. For a closed or waiting trade, Alipay is queried instead.
    fileprivate func paidStatus(type: String) -> AlipayTradeStatus? {
        guard (self["notify_type"] ?? type) == type,
            let status = self["trade_status"].flatMap(AlipayTradeStatus.init)
        else { return nil }
        switch status {
        case .success, .finished: return status
        case .waiting, .closed: return nil
        }
    }
}

extension Receipt {
    fileprivate init?(
        _ fields: AlipayNoticeFields, _ status: AlipayTradeStatus, number: TradeNumber, channel: Channel,
        configuration: AlipayConfiguration, at now: Instant
    ) {
        guard let transactionID = fields["trade_no"].flatMap(TransactionID.init),
            let amount = fields["total_amount"].flatMap(AlipayMoney.fen)
        else { return nil }
        let isOurSeller = configuration.sellerID == nil || fields["seller_id"] == configuration.sellerID
        self.init(
            channel: channel, tradeNumber: number, transactionID: transactionID, amount: amount,
            currencyCode: AlipayConfiguration.currency,
            paidAt: fields["gmt_payment"].flatMap(AlipayTime.instant) ?? now,
            namesOurAccount: fields["app_id"] == configuration.appID && isOurSeller,
            isReturned: status.hasReturned(fields["refund_fee"], of: amount))
    }
}
