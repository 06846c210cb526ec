import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

enum StripeJSON {
    /// Nil when the bytes are no such value.
    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) -> Value? {
        try? JSONDecoder().decode(type, from: Data(bytes))
    }
}

/// A checkout session, as far as anybody here asks. Whatever may be null, in whichever version of the API, is optional.
struct StripeSession: Decodable, Hashable, Sendable {
    let id: String
    let object: String
    /// Where the user pays; null once the session is over.
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

/// A refund, as far as anybody here asks.
struct StripeRefund: Decodable, Hashable, Sendable {
    let id: String
    let object: String
    let status: String?
    /// Why it is pending, where Stripe says so.
    let pending_reason: String?
    let amount: Int64?
    let currency: String?
    let payment_intent: StripeName?
    let metadata: StripeMetadata?
}

struct StripeRefundList: Decodable, Hashable, Sendable {
    let object: String
    let data: [StripeRefund]
    let has_more: Bool
}

/// What we wrote on an object when we made it.
struct StripeMetadata: Decodable, Hashable, Sendable {
    let trade_no: String?
    let refund_no: String?
}

/// The name of another object: alone, or in the object itself where Stripe was asked to expand it.
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
        /// The user may still pay.
        case open
        case paid
        /// The user is through, and the money isn't here: a delayed method is still at it, or has failed.
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

    /// Whether it is the session of that trade. An answer about another one is none.
    func isSession(of number: TradeNumber, named reference: ProviderReference?) -> Bool {
        object == "checkout.session" && client_reference_id == number.text
            && reference.map { $0.text == id } ?? (self.reference != nil)
    }

    /// Whether it asks for what was asked for.
    func asks(for money: Money) -> Bool {
        amount_total == money.amount && currency != nil && currency == StripeCurrency.wire(money.currency)
    }

    /// The address to send the user to, if it is one that nobody between can read.
    var safeURL: String? {
        guard let url, (1...Self.longestURL).contains(url.utf8.count),
            url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), url.hasPrefix("https://") || url.isOnLoopback
        else { return nil }
        return url
    }

    /// Stripe's own are some hundreds of characters; a browser takes no more than this everywhere.
    private static let longestURL = 8_000
}

extension String {
    /// Whether it is an http address of this very machine, as in a test.
    fileprivate var isOnLoopback: Bool {
        guard hasPrefix("http://") else { return false }
        let host = dropFirst("http://".count).prefix { !"/?#".contains($0) }
        return ["127.0.0.1", "localhost", "[::1]"].contains { name in
            host == name || (host.hasPrefix("\(name):") && host.dropFirst(name.count + 1).allSatisfy(\.isASCIIDigit))
        }
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
