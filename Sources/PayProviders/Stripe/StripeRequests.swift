import PayCore

/// A request to Stripe, before the base URL and the key are added.
struct StripeRequest: Sendable {
    let method: ProviderRequest.Method
    /// The path below the base URL, with its query.
    let path: String
    let idempotencyKey: String?
    let body: [UInt8]

    private init(_ method: ProviderRequest.Method, _ path: String, key: String? = nil, body: [UInt8] = []) {
        self.method = method
        self.path = path
        self.idempotencyKey = key
        self.body = body
    }
}

extension StripeRequest {
    /// Nil for a currency that Paypage does not use with Stripe.
    static func create(_ session: StripeNewSession) -> StripeRequest? {
        session.form.map {
            StripeRequest(.post, "/v1/checkout/sessions", key: session.idempotencyKey, body: $0.bytes)
        }
    }

    static func retrieve(_ reference: ProviderReference) -> StripeRequest {
        StripeRequest(.get, "/v1/checkout/sessions/\(reference.text.percentEncoded)")
    }

    /// Sent without an Idempotency-Key. A session expires only once, so a repeat is harmless. With a key, Stripe would
    /// replay a stored 500 for a day, and the session would stay open.
    static func expire(_ reference: ProviderReference) -> StripeRequest {
        StripeRequest(.post, "/v1/checkout/sessions/\(reference.text.percentEncoded)/expire")
    }

    /// Without `reason`, because Stripe's three values do not fit, and `fraudulent` would block the payer's card. The
    /// merchant's own reason goes into the metadata. Nil for a currency that Paypage does not use with Stripe.
    static func refund(_ refund: RefundRequest) -> StripeRequest? {
        guard StripeCurrency.wire(refund.money.currency) != nil else { return nil }
        var form = StripeForm()
        form.add("payment_intent", refund.transactionID.text)
        form.add("amount", "\(refund.money.amount)")
        form.add("metadata[refund_no]", refund.number)
        if let reason = refund.reason { form.add("metadata[refund_reason]", reason.text) }
        let key = "paypage_\(refund.number)_\(refund.createdAt.milliseconds)"
        return StripeRequest(.post, "/v1/refunds", key: key, body: form.bytes)
    }

    /// A page of the refunds of a payment, newest first. `last` is the id of the last refund on the page before.
    static func refunds(of payment: TransactionID, after last: String? = nil) -> StripeRequest {
        let place = last.map { "&starting_after=\($0.percentEncoded)" } ?? ""
        return StripeRequest(.get, "/v1/refunds?payment_intent=\(payment.text.percentEncoded)&limit=100\(place)")
    }

    /// One refund, by Stripe's id.
    static func refund(named id: String) -> StripeRequest {
        StripeRequest(.get, "/v1/refunds/\(id.percentEncoded)")
    }
}

extension StripeRequest {
    /// A page of the balance transactions of a day, newest first, with the charges and refunds behind them.
    static func balanceTransactions(of day: BillDay, after last: String?, most: Int) -> StripeRequest {
        var query = StripeForm()
        query.add("created[gte]", "\(day.start.milliseconds / 1_000)")
        query.add("created[lt]", "\(day.end.milliseconds / 1_000)")
        query.add("expand[]", "data.source")
        query.add("limit", "\(most)")
        if let last { query.add("starting_after", last) }
        return StripeRequest(.get, "/v1/balance_transactions?\(query.text)")
    }
}

/// The content of a create. It depends only on what is stored with the attempt, so that every repeat has the same
/// bytes. Another body with the same Idempotency-Key is an error.
///
/// A release that changes this encoding must keep the old one for a day.
struct StripeNewSession: Hashable, Sendable {
    /// Stripe's shortest life is 30 minutes, counted on its own clock when the request arrives. A first try that never
    /// arrived may be repeated minutes later and must still request more than that.
    static let leastLife = Duration.seconds(40 * 60)

    let number: TradeNumber
    let stored: StoredRequest
    let createdAt: Instant

    /// The number alone is not unique: two shops may share an account, and a database may be recreated.
    var idempotencyKey: String { "paypage_\(number.text)_\(createdAt.milliseconds)" }

    /// In seconds since 1970. The provider deadline, or later if Stripe requires more. The service expires the session
    /// itself at the provider deadline.
    var expiresAt: Int64 {
        let wanted = max(stored.providerDeadline, createdAt + Self.leastLife)
        let latest = (createdAt + StripeConfiguration.longestLife).milliseconds / 1_000
        return min((wanted.milliseconds + 999) / 1_000, latest)
    }

    /// The latest expiry of any session that this create may have made.
    var end: Instant { Instant(milliseconds: expiresAt * 1_000) }

    /// Stripe requires a return URL: the order's own, or the service's.
    var returnURL: String { stored.returnURL ?? Self.base(ofNotifyURL: stored.notifyURL) }

    /// Without `ui_mode`: the hosted page is the default, and its name differs between versions of the API.
    var form: StripeForm? {
        guard let currency = StripeCurrency.wire(stored.money.currency) else { return nil }
        var form = StripeForm()
        form.add("mode", "payment")
        form.add("line_items[0][price_data][currency]", currency)
        form.add("line_items[0][price_data][unit_amount]", "\(stored.money.amount)")
        form.add("line_items[0][price_data][product_data][name]", stored.subject.text)
        form.add("line_items[0][quantity]", "1")
        form.add("success_url", returnURL)
        form.add("cancel_url", returnURL)
        form.add("client_reference_id", number.text)
        form.add("metadata[trade_no]", number.text)
        form.add("payment_intent_data[metadata][trade_no]", number.text)
        form.add("expires_at", "\(expiresAt)")
        return form
    }

    /// `public.url`, the base of the notice URL. For any other URL, its scheme and host.
    private static func base(ofNotifyURL url: String) -> String {
        let path = "/v1/notices/stripe"
        if url.hasSuffix(path) { return String(url.dropLast(path.count)) + "/" }
        return url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3)
            .joined(separator: "/") + "/"
    }
}

extension StripeNewSession {
    init(_ request: CreateRequest) {
        self.init(number: request.tradeNumber, stored: request.stored, createdAt: request.createdAt)
    }
}
