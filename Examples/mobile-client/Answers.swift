/// An order, as Paypage shows it to a user. Amounts are in minor units.
struct Order: Decodable, Sendable {
    enum State: String, Decodable, Sendable {
        case new, paid, closed, expired
    }

    /// The live page without its content.
    struct Page: Decodable, Sendable {
        let channel: String
    }

    /// A refund of a duplicate or late payment.
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
    /// Changes whenever a field other than the remaining seconds changes.
    let revision: String
    /// The provider call in progress: `opening` or `closing`.
    let activity: String?
    let page: Page?
    let givenBack: [GivenBack]?

    var isOver: Bool { state != .new }
}

/// The answer to a repay: the page to pay with.
struct Payment: Decodable, Sendable {
    struct Page: Decodable, Sendable {
        let channel: String
        /// `sdk` if the provider has an SDK, `redirect` if its app or site is opened, …
        let kind: String
        let content: String
        /// Seconds.
        let expiresIn: Int64
    }

    let amount: Int64
    let currency: String
    let page: Page
    /// Whether the page came from the store without a provider call. Read from `Cache-Status`.
    var isStored = false

    private enum CodingKeys: CodingKey {
        case amount, currency, page
    }
}

/// An error answer (RFC 9457) with Paypage's code.
struct Problem: Error, Decodable {
    let status: Int
    let code: String
    let detail: String
    /// Seconds until a retry is useful. A retry is always safe.
    let retryAfter: Int?

    /// The order is paid, closed or expired. Nothing is due, but its final state can be shown.
    var isOver: Bool { code == "PAY_ORDER_STATE_ERROR" || code == "PAY_ORDER_PAY_TIMEOUT" }

    /// A retry gives the same answer.
    var isFinal: Bool { [400, 401, 403, 404].contains(status) }
}
