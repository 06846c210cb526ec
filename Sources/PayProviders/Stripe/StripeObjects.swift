import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

enum StripeJSON {
    /// Nil if the bytes are not such a value.
    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
        try? JSONDecoder().decode(type, from: Data(bytes))
    }
}

/// The used fields of a checkout session. Fields that may be null in any version of the API are optional.
struct StripeSession: Decodable, Hashable, Sendable {
    let id: String
    let object: String
    /// The URL of the payment page. Null once the session is over.
    let url: String?
    let status: String?
    let payment_status: String?
    /// Seconds since 1970.
    let expires_at: Int64?
    /// In minor units.
    let amount_total: Int64?
    let currency: String?
    let client_reference_id: String?
    let payment_intent: StripeName?
    let livemode: Bool
    let metadata: StripeMetadata?
}

/// The used fields of a refund.
struct StripeRefund: Decodable, Hashable, Sendable {
    let id: String
    let object: String
    let status: String?
    /// Why the refund is pending, if Stripe says so.
    let pending_reason: String?
    let amount: Int64?
    let currency: String?
    /// Seconds since 1970.
    let created: Int64?
    let payment_intent: StripeName?
    let metadata: StripeMetadata?
}

struct StripeRefundList: Decodable, Hashable, Sendable {
    let object: String
    let data: [StripeRefund]
    let has_more: Bool
}

/// The metadata that Paypage sets when it creates an object.
struct StripeMetadata: Decodable, Hashable, Sendable {
    let trade_no: String?
    let refund_no: String?
}

/// The id of another object: alone, or inside the object if the request expanded it.
struct StripeName: Decodable, Hashable, Sendable {
    let text: String

    private enum CodingKeys: String, CodingKey {
        case id
    }

    init(from decoder: any Decoder) throws {
        if let name = try? decoder.singleValueContainer().decode(String.self) {
            text = name
        } else {
            text = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .id)
        }
    }
}

extension StripeSession {
    enum Standing {
        /// The buyer can still pay.
        case open
        case paid
        /// The buyer is done, but the money has not arrived: a delayed payment method is in progress or failed.
        case awaitingMoney
        case expired
        case unclear
    }

    var standing: Standing {
        switch (status, payment_status) {
        case ("open", _): .open
        case ("expired", _): .expired
        case ("complete", "paid"), ("complete", "no_payment_required"): .paid
        case ("complete", "unpaid"): .awaitingMoney
        default: .unclear
        }
    }

    var reference: ProviderReference? { ProviderReference(id) }

    /// Whether the session belongs to that trade.
    func isSession(of number: TradeNumber, named reference: ProviderReference?) -> Bool {
        object == "checkout.session" && client_reference_id == number.text
            && reference.map { $0.text == id } ?? (self.reference != nil)
    }

    /// Whether the session has that amount and currency.
    func asks(for money: Money) -> Bool {
        amount_total == money.amount && currency != nil && currency == StripeCurrency.wire(money.currency)
    }

    /// The URL of the payment page, if it is https or on loopback.
    var safeURL: String? {
        guard let url, url.utf8.count <= Self.longestURL, WebAddress(url)?.isProtected == true
        else { return nil }
        return url
    }

    /// Stripe's URLs have some hundreds of characters. Not every browser supports more than this limit.
    private static let longestURL = 8_000
}
