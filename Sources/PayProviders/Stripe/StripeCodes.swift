import PayCore

/// The meaning of Stripe's HTTP answer, the same for every call.
enum StripeVerdict: Hashable, Sendable {
    case done
    /// Stripe did not process the request and never will. `reason` is Stripe's code, safe to log.
    case refused(reason: String)
    /// The key is invalid or lacks a permission. Nothing was done by this request; earlier ones may have been
    /// processed.
    case notAllowed(reason: String)
    /// Stripe does not know the object. A live key gets this answer for test objects too.
    case noSuchObject(reason: String)
    /// Not done, because the merchant's balance is too low. The same request may succeed later.
    case balanceTooLow(reason: String)
    /// Refused with an error that is not in the table. Never proof that nothing was done.
    case unlisted(reason: String)
    /// Can be retried: the same key is in use by a concurrent request, or Stripe is busy.
    case retryLater
    /// As `retryLater`, but the body reports a rate limit that the status does not show.
    case tooOften
    /// It may have been done or not.
    case unknown
}

extension StripeVerdict {
    /// Classifies every error by its HTTP status, type and code. A status alone never means refused, because proxies
    /// send 4xx too. An error that is not in the table is unknown. Stripe has no error for *already paid*: the session
    /// shows that.
    init(status: Int, error: StripeError?, shouldRetry: Bool) {
        if (200..<300).contains(status) {
            self = .done
            return
        }
        guard let error else {
            self = [409, 424, 429].contains(status) ? .retryLater : .unknown
            return
        }
        let verdict = Self.table(status, Kind(error.type), error)
        // Stripe's own statement that a retry may succeed.
        self = shouldRetry && verdict.isFinal ? .retryLater : verdict
    }

    private static func table(_ status: Int, _ type: Kind?, _ error: StripeError) -> StripeVerdict {
        let code = error.code.map(loosely)
        switch (status, type, code) {
        case (409, _, _), (424, _, _), (429, _, _): return .retryLater
        case (400, _, "ratelimit"): return .tooOften
        case (400, _, "idempotencykeyinuse"), (400, _, "locktimeout"): return .retryLater
        case (400, .invalidRequest, "balanceinsufficient"): return .balanceTooLow(reason: error.reason)
        // The same key with another body is a bug in Paypage. It says nothing about the result of the first body.
        case (400, .idempotency, _): return .unlisted(reason: error.reason)
        case (400, .invalidRequest, _), (402, .card, _), (400, .card, _): return .refused(reason: error.reason)
        case (401, .invalidRequest, _), (403, .invalidRequest, _): return .notAllowed(reason: error.reason)
        case (401, .authentication, _), (403, .permission, _): return .notAllowed(reason: error.reason)
        case (404, .invalidRequest, "resourcemissing"): return .noSuchObject(reason: error.reason)
        case (_, .api, _): return .unknown
        case (400...499, _, _): return .unlisted(reason: error.reason)
        default: return .unknown
        }
    }

    private var isFinal: Bool {
        switch self {
        case .refused, .notAllowed, .noSuchObject, .balanceTooLow, .unlisted: true
        case .done, .retryLater, .tooOften, .unknown: false
        }
    }

    /// Stripe's types of errors. The last two belong to 401 and 403 in older versions of the API (not confirmed).
    private enum Kind: String {
        case api = "apierror"
        case card = "carderror"
        case idempotency = "idempotencyerror"
        case invalidRequest = "invalidrequesterror"
        case authentication = "authenticationerror"
        case permission = "permissionerror"

        init?(_ text: String) { self.init(rawValue: loosely(text)) }
    }

    /// Normalises case and punctuation, which differ between pages and versions.
    private static func loosely(_ text: String) -> String {
        String(text.lowercased().filter { $0.isLetter || $0.isNumber })
    }
}

/// The error in the body of every answer other than a 2xx.
struct StripeError: Decodable, Hashable, Sendable {
    let type: String
    let code: String?
    let message: LenientText?

    init(type: String, code: String?, message: String? = nil) {
        self.type = type
        self.code = code
        self.message = LenientText(message)
    }

    private struct Body: Decodable {
        let error: StripeError
    }

    /// Nil if the body is not a Stripe error.
    static func read(_ body: [UInt8]) -> StripeError? {
        StripeJSON.decode(Body.self, from: body)?.error
    }

    private static let longestReason = 64

    /// The code, or else the type. Safe to log.
    var reason: String {
        let word = code.flatMap { $0.isEmpty ? nil : $0 } ?? type
        let safe = word.unicodeScalars.prefix(Self.longestReason).filter { $0.isASCIIAlphanumeric(or: "_.-") }
        return safe.isEmpty ? "error" : String(String.UnicodeScalarView(safe))
    }
}
