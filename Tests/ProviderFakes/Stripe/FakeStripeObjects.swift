import PayCore

/// A checkout session in the fake's books.
struct FakeStripeSession: Sendable {
    enum Status: String {
        case open, complete, expired
    }

    let id: String
    let key: String?
    let number: String
    let mark: String?
    let amount: Int64
    let currency: String
    let createdAt: Instant
    let expiresAt: Instant
    var creates = 0
    var isExpired = false
    var completedAt: Instant?
    var paymentIntent: String?
    var paidAt: Instant?

    /// Nil if the parameters are not valid for a payment session.
    init?(_ parameters: [String: String], id: String, _ call: FakeStripeCall) {
        let item = "line_items[0]"
        guard parameters["mode"] == "payment", parameters["\(item)[quantity]"] == "1",
            let amount = parameters["\(item)[price_data][unit_amount]"].flatMap({ Int64($0) }), amount > 0,
            let currency = parameters["\(item)[price_data][currency]"], currency == currency.lowercased(),
            currency.utf8.count == 3, let seconds = parameters["expires_at"].flatMap({ Int64($0) }),
            (0...253_402_300_799).contains(seconds)
        else { return nil }
        self.id = id
        key = call.key
        number = parameters["client_reference_id", default: ""]
        mark = parameters["metadata[trade_no]"]
        self.amount = amount
        self.currency = currency
        createdAt = call.now
        expiresAt = Instant(milliseconds: seconds * 1_000)
    }

    var isComplete: Bool { completedAt != nil }

    var path: String { "/c/pay/\(id)" }

    func status(at now: Instant) -> Status {
        if isComplete { return .complete }
        return isExpired || now >= expiresAt ? .expired : .open
    }

    func json(at now: Instant, baseURL: String, isLive: Bool) -> String {
        let status = status(at: now)
        let url = status == .open ? "\(baseURL)\(path)" : nil
        let metadata = mark.map { #""trade_no":"\#($0)""# } ?? ""
        return #"{"id":"\#(id)","object":"checkout.session","amount_subtotal":\#(amount),"amount_total":\#(amount),"#
            + #""client_reference_id":\#(quoted(number)),"created":\#(createdAt.milliseconds / 1_000),"#
            + #""currency":"\#(currency)","expires_at":\#(expiresAt.milliseconds / 1_000),"livemode":\#(isLive),"#
            + #""metadata":{\#(metadata)},"mode":"payment","payment_intent":\#(quoted(paymentIntent)),"#
            + #""payment_status":"\#(paidAt == nil ? "unpaid" : "paid")","status":"\#(status.rawValue)","#
            + #""ui_mode":"hosted_page","url":\#(quoted(url))}"#
    }
}

/// A refund in the fake's books.
struct FakeStripeRefund: Sendable {
    let id: String
    let payment: String
    let amount: Int64
    let currency: String
    /// Nil for a refund that was made in the dashboard.
    let number: String?
    let createdAt: Instant
    var status: String
    var failedAt: Instant?

    /// The metadata's number, or else Stripe's id.
    var publicNumber: String { number ?? id }

    /// Whether it takes a part of the payment.
    var counts: Bool { status != "failed" && status != "canceled" }

    var json: String {
        let metadata = number.map { #""refund_no":"\#($0)""# } ?? ""
        return #"{"id":"\#(id)","object":"refund","amount":\#(amount),"charge":"ch_1","#
            + #""created":\#(createdAt.milliseconds / 1_000),"currency":"\#(currency)","#
            + #""metadata":{\#(metadata)},"payment_intent":"\#(payment)","reason":null,"status":"\#(status)"}"#
    }

    var booked: FakeTrade.Refund {
        var refund = FakeTrade.Refund(
            number: publicNumber, amount: amount, isDone: status == "succeeded", at: createdAt)
        if !counts { refund.end(.closed, at: createdAt) }
        return refund
    }
}

/// Stripe's answer: a status and JSON.
struct FakeStripeAnswer: Sendable {
    let status: Int
    let body: String
    var isReplayed = false

    static func done(_ body: String) -> Self { Self(status: 200, body: body) }

    static func refused(_ code: String?, parameter: String? = nil) -> Self {
        error(400, "invalid_request_error", code: code, parameter: parameter)
    }

    static let unlisted = error(402, "payment_intent_error", code: "account_restricted")
    static let broken = error(500, "api_error")
    static let missing = error(404, "invalid_request_error", code: "resource_missing", parameter: "id")
    static let notAuthorised = error(401, "invalid_request_error")
    static let tooOften = error(429, "invalid_request_error", code: "rate_limit")
    static let keyReused = error(400, "idempotency_error")
    static let inFlight = error(409, "idempotency_error", code: "idempotency_key_in_use")
    static let unknownURL = error(404, "invalid_request_error")

    var replayed: Self { Self(status: status, body: body, isReplayed: true) }

    var reply: FakeReply {
        var headers = [FakeHeader("Content-Type", "application/json"), FakeHeader("Request-Id", "req_fake")]
        if isReplayed { headers.append(FakeHeader("Idempotent-Replayed", "true")) }
        return .answer(status: status, headers: headers, body: Array(body.utf8))
    }

    private static func error(
        _ status: Int, _ type: String, code: String? = nil, parameter: String? = nil
    ) -> Self {
        Self(
            status: status,
            body: #"{"error":{"code":\#(quoted(code)),"message":"Words for a person.","param":\#(quoted(parameter)),"#
                + #""request_log_url":"https://dashboard.example.com/logs/req_fake","type":"\#(type)"}}"#)
    }
}

/// A JSON string of a text that needs no escapes, or null.
private func quoted(_ text: String?) -> String { text.map { "\"\($0)\"" } ?? "null" }
