import PayCore
import PayFlow
import PayTestSupport
import Testing

@testable import PayProviders

/// The table of errors, and each call's reading of its rows.
@Suite struct StripeCodesTests {
    private typealias Fixture = StripeFixture

    /// An error and its meaning.
    struct Row: Sendable {
        let status: Int
        let type: String
        let code: String?
        let verdict: StripeVerdict

        init(_ status: Int, _ type: String, _ code: String?, _ verdict: StripeVerdict) {
            self.status = status
            self.type = type
            self.code = code
            self.verdict = verdict
        }

        var body: String { StripeFixture.error(type, code: code) }
    }

    static let rows = [
        Row(400, "invalid_request_error", "parameter_missing", .refused(reason: "parameter_missing")),
        Row(400, "invalid_request_error", nil, .refused(reason: "invalid_request_error")),
        Row(400, "invalid_request_error", "", .refused(reason: "invalid_request_error")),
        Row(400, "Invalid-Request Error", "x", .refused(reason: "x")),
        Row(
            400, "invalid_request_error", "charge_already_refunded", .refused(reason: "charge_already_refunded")),
        Row(400, "invalid_request_error", "rate_limit", .tooOften),
        Row(400, "invalid_request_error", "Rate-Limit", .tooOften),
        Row(400, "invalid_request_error", "idempotency_key_in_use", .retryLater),
        Row(400, "invalid_request_error", "lock_timeout", .retryLater),
        Row(400, "idempotency_error", nil, .unlisted(reason: "idempotency_error")),
        Row(400, "IdempotencyError", "x", .unlisted(reason: "x")),
        Row(400, "card_error", "card_declined", .refused(reason: "card_declined")),
        Row(400, "api_error", nil, .unknown),
        Row(400, "error_of_tomorrow", nil, .unlisted(reason: "error_of_tomorrow")),
        Row(402, "error_of_tomorrow", "account_restricted", .unlisted(reason: "account_restricted")),
        Row(400, "invalid_request_error", "balance_insufficient", .balanceTooLow(reason: "balance_insufficient")),
        Row(401, "invalid_request_error", nil, .notAllowed(reason: "invalid_request_error")),
        Row(401, "authentication_error", nil, .notAllowed(reason: "authentication_error")),
        Row(403, "invalid_request_error", "x", .notAllowed(reason: "x")),
        Row(403, "permission_error", nil, .notAllowed(reason: "permission_error")),
        Row(402, "card_error", "card_declined", .refused(reason: "card_declined")),
        Row(402, "api_error", nil, .unknown),
        Row(404, "invalid_request_error", "resource_missing", .noSuchObject(reason: "resource_missing")),
        Row(404, "invalid_request_error", nil, .unlisted(reason: "invalid_request_error")),
        Row(404, "api_error", "resource_missing", .unknown),
        Row(405, "invalid_request_error", nil, .unlisted(reason: "invalid_request_error")),
        Row(409, "invalid_request_error", "x", .retryLater),
        Row(409, "idempotency_error", nil, .retryLater),
        Row(424, "api_error", nil, .retryLater),
        Row(429, "invalid_request_error", "rate_limit", .retryLater),
        Row(429, "invalid_request_error", "lock_timeout", .retryLater),
        Row(500, "api_error", nil, .unknown),
        Row(500, "invalid_request_error", "resource_missing", .unknown),
        Row(502, "api_error", nil, .unknown),
        Row(503, "api_error", nil, .unknown),
        Row(504, "card_error", "card_declined", .unknown),
        Row(302, "invalid_request_error", "resource_missing", .unknown),
    ]

    @Test(arguments: rows)
    func `a Stripe error has the meaning of the table, and otherwise is unknown`(_ row: Row) {
        let error = StripeError.read(Array(row.body.utf8))
        #expect(StripeVerdict(status: row.status, error: error, shouldRetry: false) == row.verdict)
    }

    @Test(arguments: rows)
    func `a Stripe error marked for retry is never final`(_ row: Row) {
        let error = StripeError.read(Array(row.body.utf8))
        switch StripeVerdict(status: row.status, error: error, shouldRetry: true) {
        case .done, .refused, .notAllowed, .noSuchObject, .balanceTooLow, .unlisted: #expect(Bool(false), "final")
        case .retryLater, .tooOften, .unknown: break
        }
    }

    @Test(arguments: rows)
    func `each Stripe call reads an error by its own rules`(_ row: Row) async {
        let create = await Fixture.provider(answered: row.status, row.body).create(Fixture.create())
        let again = await Fixture.provider(answered: row.status, row.body).create(
            Fixture.create(named: Fixture.reference))
        let query = await Fixture.provider(answered: row.status, row.body).query(Fixture.trade())
        let close = await Fixture.provider(answered: row.status, row.body).close(Fixture.trade())
        let refund = await Fixture.provider(answered: row.status, row.body).refund(Fixture.refund)
        let follow = await Fixture.provider(answered: row.status, row.body).follow(Fixture.refund)
        switch row.verdict {
        case .refused(let reason):
            #expect(create == .refused(reason: reason))
            #expect(again.withoutReason == .unknown(.answered))
            #expect(query.withoutReason == .unknown(.answered))
            #expect(close == .refused(reason: reason))
            #expect(refund == .closed(reason: reason))
            #expect(follow.withoutReason == .unknown(.answered))
        case .notAllowed(let reason):
            #expect(create == .refused(reason: reason))
            #expect(again.withoutReason == .unknown(.answered))
            #expect(query.withoutReason == .unknown(.answered))
            #expect(close.withoutReason == .unknown(.answered))
            #expect(refund.withoutReason == .unknown(.answered))
            #expect(follow.withoutReason == .unknown(.answered))
        case .noSuchObject(let reason):
            #expect(create.withoutReason == .unknown(.answered))
            #expect(again == .refused(reason: reason))
            #expect(query == .noSuchTrade)
            #expect(close == .noSuchTrade)
            #expect(refund == .closed(reason: reason))
            #expect(follow == .noSuchRefund)
        case .unlisted(let reason), .balanceTooLow(let reason):
            let isBalance = row.verdict == .balanceTooLow(reason: reason)
            let error = ProviderError(
                code: reason, message: "No such secret: …", weight: isBalance ? .balance : .refusal)
            #expect(create == .unknown(.answered(.code(error))))
            #expect(again == .unknown(.answered(.code(error))))
            #expect(query == .unknown(.answered(.code(error))))
            #expect(close == .unknown(.answered(.code(error))))
            #expect(refund == .unknown(.answered(.code(error))))
            #expect(follow == .unknown(.answered(.code(error))))
        case .done, .retryLater, .tooOften, .unknown:
            #expect(create.withoutReason == .unknown(.answered))
            #expect(again.withoutReason == .unknown(.answered))
            #expect(query.withoutReason == .unknown(.answered))
            #expect(close.withoutReason == .unknown(.answered))
            #expect(refund.withoutReason == .unknown(.answered))
            #expect(follow.withoutReason == .unknown(.answered))
        }
    }

    @Test(arguments: [400, 401, 402, 403, 404, 409, 424, 429, 500, 503])
    func `a Stripe error with an unreadable body is unknown with any status`(_ status: Int) async {
        for body in ["", "<html>Not Found</html>", "{}", #"{"error":"no"}"#, #"{"error":{"message":"x"}}"#] {
            #expect(
                await Fixture.provider(answered: status, body).create(Fixture.create()).withoutReason
                    == .unknown(.answered))
            #expect(
                await Fixture.provider(answered: status, body).query(Fixture.trade()).withoutReason
                    == .unknown(.answered))
            #expect(
                await Fixture.provider(answered: status, body).close(Fixture.trade()).withoutReason
                    == .unknown(.answered))
            #expect(
                await Fixture.provider(answered: status, body).refund(Fixture.refund).withoutReason
                    == .unknown(.answered))
        }
    }

    @Test(arguments: [
        ("parameter_missing", "parameter_missing"),
        ("a line\nthat \"forges\" a log", "alinethatforgesalog"),
        ("测试", "error"),
        (String(repeating: "x", count: 80), String(repeating: "x", count: 64)),
    ])
    func `a Stripe reason is safe to log and never the human-readable message`(_ code: String, _ reason: String) {
        #expect(StripeError(type: "invalid_request_error", code: code).reason == reason)
    }

    @Test func `a Stripe request that never left is not sent and cannot arrive later`() async {
        let provider = Fixture.provider(
            over: StripeScript { _ throws(TransportError) in throw TransportError(.neverSent, .couldNotConnect) })
        #expect(await provider.create(Fixture.create()).withoutReason == .notSent(reason: "couldNotConnect"))
        #expect(
            await provider.create(Fixture.create(named: Fixture.reference)).withoutReason
                == .notSent(reason: "couldNotConnect"))
        #expect(await provider.query(Fixture.trade()).withoutReason == .unknown(.answered))
        #expect(await provider.query(Fixture.trade(named: nil)).withoutReason == .unknown(.answered))
        #expect(await provider.close(Fixture.trade()).withoutReason == .unknown(.answered))
        #expect(await provider.refund(Fixture.refund).withoutReason == .unknown(.answered))
        #expect(await provider.follow(Fixture.refund).withoutReason == .unknown(.answered))
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5])
    func `a Stripe request that may have arrived is unanswered`(_ call: Int) async {
        let provider = Fixture.provider(
            over: StripeScript { _ throws(TransportError) in throw TransportError(.mayHaveArrived, .timedOut) })
        switch call {
        case 0: #expect(await provider.create(Fixture.create()).withoutReason == .unknown(.unanswered))
        case 1: #expect(await provider.query(Fixture.trade()).withoutReason == .unknown(.unanswered))
        case 2: #expect(await provider.query(Fixture.trade(named: nil)).withoutReason == .unknown(.unanswered))
        case 3: #expect(await provider.close(Fixture.trade()).withoutReason == .unknown(.unanswered))
        case 4: #expect(await provider.refund(Fixture.refund).withoutReason == .unknown(.unanswered))
        default: #expect(await provider.follow(Fixture.refund).withoutReason == .unknown(.unanswered))
        }
    }
}
