import FoundationEssentials
package import HTTPTypes
package import Hummingbird
package import PayCore
package import PayFlow
package import PayTelemetry

/// A refused request as an RFC 9457 problem with a stable code. The texts may be shown to any caller.
package struct Problem: Error {
    package let code: Code
    package let detail: String
    package var state: OrderStateName?
    /// The standing of a payment that is not disputed.
    package var standing: ReceiptStanding?
    /// How much of the payment is left to refund.
    package var refundable: Int64?
    package var errors: [UnacceptableField] = []
    package var retryAfter: Duration?
    /// The provider's reason or code, if the provider was called.
    package var word: ProviderWord?
    package var allow: [HTTPRequest.Method] = []

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// The codes of the API. Each has one HTTP status and one title.
    package enum Code: String, CaseIterable {
        case payOrderNotExist = "PAY_ORDER_NOT_EXIST"
        case payOrderStateError = "PAY_ORDER_STATE_ERROR"
        case payOrderPayTimeout = "PAY_ORDER_PAY_TIMEOUT"
        case payOrderFail = "PAY_ORDER_FAIL"
        case payProviderUnknown = "PAY_PROVIDER_UNKNOWN"
        case payProviderUnavailable = "PAY_PROVIDER_UNAVAILABLE"
        case payInProgress = "PAY_IN_PROGRESS"
        case paySwitchUnsafe = "PAY_SWITCH_UNSAFE"
        case payPageSuperseded = "PAY_PAGE_SUPERSEDED"
        case payTooManyAttempts = "PAY_TOO_MANY_ATTEMPTS"
        case payPageNotFound = "PAY_PAGE_NOT_FOUND"
        case payOrderMismatch = "PAY_ORDER_MISMATCH"
        case payChannelUnavailable = "PAY_CHANNEL_UNAVAILABLE"
        case differenceClosed = "DIFFERENCE_CLOSED"
        case refundNotExist = "REFUND_NOT_EXIST"
        case refundMismatch = "REFUND_MISMATCH"
        case refundTooMuch = "REFUND_TOO_MUCH"
        case refundAmountChanged = "REFUND_AMOUNT_CHANGED"
        case refundStateError = "REFUND_STATE_ERROR"
        case disputeNotExist = "DISPUTE_NOT_EXIST"
        case disputeDecided = "DISPUTE_DECIDED"
        case disputeNotRefundable = "DISPUTE_NOT_REFUNDABLE"
        case idempotencyKeyMissing = "IDEMPOTENCY_KEY_MISSING"
        case idempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED"
        case invalidRequest = "INVALID_REQUEST"
        case unauthorized = "UNAUTHORIZED"
        case forbidden = "FORBIDDEN"
        case notFound = "NOT_FOUND"
        case methodNotAllowed = "METHOD_NOT_ALLOWED"
        case notAcceptable = "NOT_ACCEPTABLE"
        case payloadTooLarge = "PAYLOAD_TOO_LARGE"
        case unsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE"
        case rateLimited = "RATE_LIMITED"
        case requestTimeout = "REQUEST_TIMEOUT"
        case expectationFailed = "EXPECTATION_FAILED"
        case headersTooLarge = "HEADERS_TOO_LARGE"
        case notReady = "NOT_READY"
        case serviceUnavailable = "SERVICE_UNAVAILABLE"
        case `internal` = "INTERNAL"

        package var status: HTTPResponse.Status {
            switch self {
            case .invalidRequest, .idempotencyKeyMissing: .badRequest
            case .unauthorized: .unauthorized
            case .forbidden: .forbidden
            case .payOrderNotExist, .payPageNotFound, .refundNotExist, .disputeNotExist, .notFound: .notFound
            case .methodNotAllowed: .methodNotAllowed
            case .notAcceptable: .notAcceptable
            case .payOrderStateError, .payInProgress, .paySwitchUnsafe, .payPageSuperseded, .payTooManyAttempts,
                .payOrderMismatch, .differenceClosed, .refundMismatch, .refundTooMuch, .refundStateError,
                .disputeDecided, .disputeNotRefundable:
                .conflict
            case .refundAmountChanged: .preconditionFailed
            case .payOrderPayTimeout: .gone
            case .payloadTooLarge: .contentTooLarge
            case .unsupportedMediaType: .unsupportedMediaType
            case .payChannelUnavailable, .idempotencyKeyReused: .unprocessableContent
            case .rateLimited: .tooManyRequests
            case .requestTimeout: .requestTimeout
            case .expectationFailed: .expectationFailed
            case .headersTooLarge: .requestHeaderFieldsTooLarge
            case .internal: .internalServerError
            case .payOrderFail: .badGateway
            case .notReady, .serviceUnavailable, .payProviderUnavailable: .serviceUnavailable
            case .payProviderUnknown: .gatewayTimeout
            }
        }

        /// A short text for people. It is the same for every occurrence of the code.
        package var title: String {
            switch self {
            case .payOrderNotExist: "order does not exist"
            case .payOrderStateError: "order state does not allow this call"
            case .payOrderPayTimeout: "payment time is over"
            case .payOrderFail: "payment provider refused the payment"
            case .payProviderUnknown: "payment provider result is unknown"
            case .payProviderUnavailable: "payment provider is unavailable"
            case .payInProgress: "order is in use by another call"
            case .paySwitchUnsafe: "payment method cannot be switched safely"
            case .payPageSuperseded: "payment page was superseded"
            case .payTooManyAttempts: "order has too many payment attempts"
            case .payPageNotFound: "payment page does not exist"
            case .payOrderMismatch: "order exists with other values"
            case .payChannelUnavailable: "payment channel is unavailable"
            case .differenceClosed: "difference is closed"
            case .refundNotExist: "refund does not exist"
            case .refundMismatch: "refund exists with other values"
            case .refundTooMuch: "more than can be refunded"
            case .refundAmountChanged: "refundable amount has changed"
            case .refundStateError: "refund state does not allow this call"
            case .disputeNotExist: "disputed payment does not exist"
            case .disputeDecided: "payment is not disputed"
            case .disputeNotRefundable: "disputed payment cannot be refunded"
            case .idempotencyKeyMissing: "Idempotency-Key header is missing"
            case .idempotencyKeyReused: "Idempotency-Key was used for another request"
            case .invalidRequest: "request is invalid"
            case .unauthorized: "authentication is required"
            case .forbidden: "caller is not allowed"
            case .notFound: "resource does not exist"
            case .methodNotAllowed: "method is not allowed"
            case .notAcceptable: "requested content type is not available"
            case .payloadTooLarge: "request body is too large"
            case .unsupportedMediaType: "content type is not supported"
            case .rateLimited: "too many requests"
            case .requestTimeout: "request timed out"
            case .expectationFailed: "Expect header is not supported"
            case .headersTooLarge: "request headers are too large"
            case .notReady: "service is not ready"
            case .serviceUnavailable: "service is unavailable"
            case .internal: "internal error"
            }
        }
    }

    static func invalid(_ errors: [UnacceptableField]) -> Problem {
        var problem = Problem(.invalidRequest, "the request has \(errors.count) invalid field(s); see errors")
        problem.errors = errors
        return problem
    }

    package static func tooOften(retryAfter: Duration) -> Problem {
        var problem = Problem(.rateLimited, "too many calls; retry after the seconds in Retry-After")
        problem.retryAfter = retryAfter
        return problem
    }

    /// The database is unavailable. The call had no effect and may be retried.
    static func databaseUnavailable(retryAfter: Duration) -> Problem {
        var problem = Problem(
            .serviceUnavailable, "the database is unavailable; retry after the seconds in Retry-After")
        problem.retryAfter = retryAfter
        return problem
    }
}

extension Problem {
    /// The HTTP problem for a refusal, with the provider's reason and code.
    package init(_ refusal: PayRefusal, because word: ProviderWord?) {
        self.init(refusal)
        self.word = word
    }

    /// The HTTP problem for a refusal.
    package init(_ refusal: PayRefusal) {
        switch refusal {
        case .noSuchOrder: self.init(.payOrderNotExist, "the order does not exist")
        case .orderMismatch:
            self.init(
                .payOrderMismatch, "the order exists with another amount, currency, user, subject or return_url")
        case .keyReused:
            self.init(
                .idempotencyKeyReused, "the Idempotency-Key was used for another request; use a new key")
        case .channelUnavailable:
            self.init(
                .payChannelUnavailable,
                "the channel is not configured, accepts no new attempts, or does not support this terminal")
        case .unacceptable(let fields): self = .invalid(fields)
        case .orderNotNew(let state):
            self.init(.payOrderStateError, "the order is already \(state.rawValue)")
            self.state = state
        case .tooLate: self.init(.payOrderPayTimeout, "the payment deadline of the order has passed")
        case .pageSuperseded:
            self.init(
                .payPageSuperseded, "the page of this call was superseded by another; repay without the Idempotency-Key"
            )
        case .switchUnsafe:
            self.init(
                .paySwitchUnsafe, "an earlier page may still take money and could not be closed; pay with that page")
        case .tooManyAttempts:
            self.init(
                .payTooManyAttempts,
                "the order reached the limit of \(PayRules.mostAttempts) attempts; create a new order")
        case .tooOften(let retryAfter): self = .tooOften(retryAfter: retryAfter)
        case .inProgress(let retryAfter):
            self.init(.payInProgress, "another call works on this order; retry")
            self.retryAfter = retryAfter
        case .providerUnavailable(let retryAfter):
            self.init(
                .payProviderUnavailable,
                "the provider could not be called and no payment was created; retry, or use another channel")
            self.retryAfter = retryAfter
        case .providerRefused:
            self.init(.payOrderFail, "the provider refused the payment; a new call creates a new attempt")
        case .providerUnknown(let retryAfter):
            self.init(.payProviderUnknown, "the provider's result is unknown; retrying is safe")
            self.retryAfter = retryAfter
        }
    }
}

extension Problem {
    private struct Document: Encodable {
        let type = "about:blank"
        let title: String
        let status: Int
        let code: String
        let detail: String
        let instance: String
        let state: String?
        let standing: String?
        let refundable: Int64?
        let errors: [Field]?
        let retry_after: Int64?
        let reason: String?
        let provider_code: String?

        struct Field: Encodable {
            package let pointer: String
            package let detail: String
        }
    }

    private static let contentType = "application/problem+json"

    package static var fields: HTTPFields { JSONAnswer.fields(contentType) }

    func document(requestID: RequestIdentifier) -> Data {
        let document = Document(
            title: code.title, status: code.status.code, code: code.rawValue, detail: detail,
            instance: "urn:paypage:request:\(requestID)", state: state?.rawValue,
            standing: standing?.rawValue, refundable: refundable,
            errors: errors.isEmpty ? nil : errors.map { .init(pointer: $0.pointer, detail: $0.detail) },
            retry_after: retryAfter?.secondsToWait, reason: word?.reason?.text, provider_code: word?.code)
        return JSONAnswer.bytes(document)
    }

    package func response(requestID: RequestIdentifier) -> Response {
        var response = JSONAnswer.response(
            bytes: document(requestID: requestID), status: code.status, contentType: Self.contentType)
        if let retryAfter { response.headers[.retryAfter] = String(retryAfter.secondsToWait) }
        if !allow.isEmpty { response.headers[.allow] = allow.map(\.rawValue).joined(separator: ", ") }
        if code == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }
}
