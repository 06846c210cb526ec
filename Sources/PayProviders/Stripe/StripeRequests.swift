import PayCore

/// What Stripe is asked, before it has an address and a key.
struct StripeRequest: Sendable {
    let method: ProviderRequest.Method
    /// Below the base address, with its query.
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
    /// Nil for a currency that Stripe isn't asked for.
    static func create(_ session: StripeNewSession) -> StripeRequest? {
        session.form.map {
            StripeRequest(.post, "/v1/checkout/sessions", key: session.idempotencyKey, body: $0.bytes)
        }
    }

    static func retrieve(_ reference: ProviderReference) -> StripeRequest {
        StripeRequest(.get, "/v1/checkout/sessions/\(StripeForm.encoded(reference.text))")
    }

    /// Without an Idempotency-Key: a session expires once, whatever it is asked, and a stored 500 would be played back
    /// for a day instead of the session being ended.
    static func expire(_ reference: ProviderReference) -> StripeRequest {
        StripeRequest(.post, "/v1/checkout/sessions/\(StripeForm.encoded(reference.text))/expire")
    }

    /// No `reason`: what we know is no word of Stripe's, and `duplicate` would be a guess. Nil for a currency that
    /// Stripe isn't asked for.
    static func refund(_ refund: Refund) -> StripeRequest? {
        guard StripeCurrency.wire(refund.money.currency) != nil else { return nil }
        var form = StripeForm()
        form.add("payment_intent", refund.transactionID.text)
        form.add("amount", "\(refund.money.amount)")
        form.add("metadata[refund_no]", refund.number)
        let key = "paypage_\(refund.number)_\(refund.createdAt.milliseconds)"
        return StripeRequest(.post, "/v1/refunds", key: key, body: form.bytes)
    }

    /// The refunds of a payment, all at once: more than a hundred are none of our making. That the list can be asked by
    /// payment is from memory of Stripe's API, and was not confirmed with an account.
    static func refunds(of payment: TransactionID) -> StripeRequest {
        StripeRequest(.get, "/v1/refunds?payment_intent=\(StripeForm.encoded(payment.text))&limit=100")
    }
}

/// A session as it is asked for. All of it follows from what is stored with the attempt, so that it is the same bytes
/// whenever and by whomever it is sent again: a changed body under one Idempotency-Key is an error.
///
/// The spelling is therefore frozen for a day beyond any release that changes it.
struct StripeNewSession: Hashable, Sendable {
    /// Stripe's shortest life is 30 minutes, counted by its own clock when the request arrives. A first try that never
    /// arrived may be repeated minutes later, and must still ask for more than that.
    static let leastLife = Duration.seconds(40 * 60)

    let number: TradeNumber
    let stored: StoredRequest
    let createdAt: Instant

    /// The number alone doesn't do: two shops may share an account, and a database may be begun anew.
    var idempotencyKey: String { "paypage_\(number.text)_\(createdAt.milliseconds)" }

    /// In seconds since 1970. The provider deadline, or later where Stripe doesn't allow one so near: the service ends
    /// the session itself at its deadline.
    var expiresAt: Int64 {
        let wanted = max(stored.providerDeadline, createdAt + Self.leastLife)
        let latest = (createdAt + StripeConfiguration.longestLife).milliseconds / 1_000
        return min((wanted.milliseconds + 999) / 1_000, latest)
    }

    /// When any session that came of it has ended.
    var end: Instant { Instant(milliseconds: expiresAt * 1_000) }

    /// Stripe wants somewhere to send the user to: the order's own address, or else the service's.
    var returnURL: String { stored.returnURL ?? Self.base(ofNotifyURL: stored.notifyURL) }

    /// Without `ui_mode`: the hosted page is the default, and the name for it changed between versions of the API.
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

    /// `public.url`, below which notices arrive; of any other address, its scheme and host.
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
