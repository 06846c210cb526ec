import FoundationEssentials
import HTTPTypes
import Hummingbird
import PayCore
import PayFlow

/// Why a request gets no answer: RFC 9457, with a stable code. It tells nothing that a stranger shouldn't know.
struct Problem: Error {
    let code: Code
    let detail: String
    var state: OrderStateName?
    var errors: [UnacceptableField] = []
    var retryAfter: Duration?
    /// Why the provider's answer was no help, where it was called.
    var word: ProviderWord?
    var allow: [HTTPRequest.Method] = []

    init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    /// The codes of the API, each with its status.
    enum Code: String, CaseIterable {
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

        var status: HTTPResponse.Status {
            switch self {
            case .invalidRequest, .idempotencyKeyMissing: .badRequest
            case .unauthorized: .unauthorized
            case .forbidden: .forbidden
            case .payOrderNotExist, .payPageNotFound, .notFound: .notFound
            case .methodNotAllowed: .methodNotAllowed
            case .notAcceptable: .notAcceptable
            case .payOrderStateError, .payInProgress, .paySwitchUnsafe, .payPageSuperseded, .payTooManyAttempts,
                .payOrderMismatch:
                .conflict
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

        /// A short text for people, the same for every occurrence.
        var title: String {
            rawValue.split(separator: "_").joined(separator: " ").lowercased()
        }
    }

    static func invalid(_ errors: [UnacceptableField]) -> Problem {
        var problem = Problem(.invalidRequest, "\(errors.count) mistake(s) in the request: see errors")
        problem.errors = errors
        return problem
    }

    static func tooOften(retryAfter: Duration) -> Problem {
        var problem = Problem(.rateLimited, "too often: wait as long as Retry-After says")
        problem.retryAfter = retryAfter
        return problem
    }

    /// An outage of the database: nothing was decided, and the same call may be made again.
    static func databaseUnavailable(retryAfter: Duration) -> Problem {
        var problem = Problem(.serviceUnavailable, "the database is not available: try again after Retry-After")
        problem.retryAfter = retryAfter
        return problem
    }
}

extension Problem {
    /// A refusal as an HTTP problem, with the provider's words.
    init(_ refusal: PayRefusal, because word: ProviderWord?) {
        self.init(refusal)
        self.word = word
    }

    /// What a refusal is called over HTTP.
    init(_ refusal: PayRefusal) {
        switch refusal {
        case .noSuchOrder: self.init(.payOrderNotExist, "there is no such order")
        case .orderMismatch:
            self.init(
                .payOrderMismatch, "the order is known with another amount, currency, user, subject or return_url")
        case .keyReused:
            self.init(
                .idempotencyKeyReused, "this Idempotency-Key marks another request: use a new key for a new request")
        case .channelUnavailable:
            self.init(
                .payChannelUnavailable,
                "the channel is not configured, takes no new attempts, or can't serve this terminal")
        case .unacceptable(let fields): self = .invalid(fields)
        case .orderNotNew(let state):
            self.init(.payOrderStateError, "the order is \(state.rawValue)")
            self.state = state
        case .tooLate: self.init(.payOrderPayTimeout, "the time to pay this order is over")
        case .pageSuperseded:
            self.init(.payPageSuperseded, "the page of this call has given way to another: repay without the key")
        case .switchUnsafe:
            self.init(
                .paySwitchUnsafe, "an old page may still take money and can't be proven closed: go on with that page")
        case .tooManyAttempts:
            self.init(.payTooManyAttempts, "\(PayRules.mostAttempts) attempts were made: open another order")
        case .tooOften(let retryAfter): self = .tooOften(retryAfter: retryAfter)
        case .inProgress(let retryAfter):
            self.init(.payInProgress, "another call is making this order's page: ask again")
            self.retryAfter = retryAfter
        case .providerUnavailable(let retryAfter):
            self.init(
                .payProviderUnavailable,
                "the provider was not called, and can't have heard of this: ask again, or for another channel")
            self.retryAfter = retryAfter
        case .providerRefused: self.init(.payOrderFail, "the provider refused: another call tries under a new number")
        case .providerUnknown(let retryAfter):
            self.init(.payProviderUnknown, "the provider's answer is not known: asking again is safe")
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
        let errors: [Field]?
        let retry_after: Int64?
        let reason: String?
        let provider_code: String?

        struct Field: Encodable {
            let pointer: String
            let detail: String
        }
    }

    private static let contentType = "application/problem+json"

    static var fields: HTTPFields { JSONAnswer.fields(contentType) }

    func document(requestID: RequestID) -> Data {
        let document = Document(
            title: code.title, status: code.status.code, code: code.rawValue, detail: detail,
            instance: "urn:paypage:request:\(requestID)", state: state?.rawValue,
            errors: errors.isEmpty ? nil : errors.map { .init(pointer: $0.pointer, detail: $0.detail) },
            retry_after: retryAfter?.secondsToWait, reason: word?.reason?.text, provider_code: word?.code)
        return JSONAnswer.bytes(document)
    }

    func response(requestID: RequestID) -> Response {
        var response = JSONAnswer.response(
            bytes: document(requestID: requestID), status: code.status, contentType: Self.contentType)
        if let retryAfter { response.headers[.retryAfter] = String(retryAfter.secondsToWait) }
        if !allow.isEmpty { response.headers[.allow] = allow.map(\.rawValue).joined(separator: ", ") }
        if code == .unauthorized { response.headers[.wwwAuthenticate] = "Bearer" }
        return response
    }
}
