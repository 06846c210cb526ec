/// What Paypage tells a user of an order. Amounts are in minor units.
struct Order: Decodable, Sendable {
    enum State: String, Decodable, Sendable {
        case new, paid, closed, expired
    }

    /// The live page's particulars, without its content.
    struct Page: Decodable, Sendable {
        let channel: String
    }

    /// Money that came twice or too late.
    struct GivenBack: Decodable, Sendable {
        let amount: Int64
        let currency: String
        let state: String
    }

    let state: State
    let amount: Int64
    let currency: String
    let subject: String
    /// Seconds.
    let payableIn: Int64
    /// Another text whenever anything but the seconds is another.
    let revision: String
    /// What a provider is being asked for: `opening` or `closing`.
    let activity: String?
    let page: Page?
    let givenBack: [GivenBack]?

    var isOver: Bool { state != .new }
}

/// What a repay is answered with: the page to pay with.
struct Payment: Decodable, Sendable {
    struct Page: Decodable, Sendable {
        let channel: String
        /// `sdk` where the provider has one, `redirect` where its app or site is opened, …
        let kind: String
        let content: String
        /// Seconds.
        let expiresIn: Int64
    }

    let amount: Int64
    let currency: String
    let page: Page
    /// Whether it was in the store, so that no provider was asked. Told by a header.
    var isStored = false

    private enum CodingKeys: CodingKey {
        case amount, currency, page
    }
}

/// Why there is no answer: RFC 9457, with a code.
struct Problem: Error, Decodable {
    let status: Int
    let code: String
    let detail: String
    /// Seconds until it is worth asking again, which is always safe.
    let retryAfter: Int?

    /// The order is paid, closed or out of time: there is nothing to pay, but something to tell.
    var isOver: Bool { code == "PAY_ORDER_STATE_ERROR" || code == "PAY_ORDER_PAY_TIMEOUT" }

    /// It is about who asks and for what, and so the same next time.
    var isFinal: Bool { [400, 401, 403, 404].contains(status) }
}
