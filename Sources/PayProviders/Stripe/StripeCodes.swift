/// What an HTTP answer of Stripe's comes to, before anybody reads what was asked for.
enum StripeVerdict: Hashable, Sendable {
    case done
    /// Stripe did not do it, and won't. `reason` is its own code, fit for a log.
    case refused(reason: String)
    /// The key is wrong or may not do this: nothing was done now, which says nothing of what was done before.
    case notAllowed(reason: String)
    /// Stripe knows no such object; so it says too of a test object to a live key.
    case noSuchObject(reason: String)
    /// Stripe did not do it, because the merchant's balance is too low: the same again later may do.
    case balanceTooLow(reason: String)
    /// A definite refusal by an error that no table names: never proof that nothing was done.
    case unlisted(reason: String)
    /// It may be asked again: the same key is in flight, or Stripe or something behind it is busy.
    case retryLater
    /// As above, and too often was said in words that the status doesn't say.
    case tooOften
    /// It may have been done or not.
    case unknown
}

extension StripeVerdict {
    /// The one table that classifies every error, by HTTP status and the error's own type and code. A status alone never
    /// means refused: a proxy has 4xx of its own. What isn't in the table is unknown. There is no error for *already
    /// paid*: the session says so itself.
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
        // Stripe's own word that it may go otherwise next time.
        self = shouldRetry && verdict.isFinal ? .retryLater : verdict
    }

    private static func table(_ status: Int, _ type: Kind?, _ error: StripeError) -> StripeVerdict {
        let code = error.code.map(loosely)
        switch (status, type, code) {
        case (409, _, _), (424, _, _), (429, _, _): return .retryLater
        case (400, _, "ratelimit"): return .tooOften
        case (400, _, "idempotencykeyinuse"), (400, _, "locktimeout"): return .retryLater
        case (400, .invalidRequest, "balanceinsufficient"): return .balanceTooLow(reason: error.reason)
        // Another body under one key is a mistake of ours: it says nothing of what the first body did.
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

    /// Stripe's types of errors. The last two were its words for 401 and 403 in older versions (from memory).
    private enum Kind: String {
        case api = "apierror"
        case card = "carderror"
        case idempotency = "idempotencyerror"
        case invalidRequest = "invalidrequesterror"
        case authentication = "authenticationerror"
        case permission = "permissionerror"

        init?(_ text: String) { self.init(rawValue: loosely(text)) }
    }

    /// Compared without case and punctuation: pages and versions differ in these.
    private static func loosely(_ text: String) -> String {
        String(text.lowercased().filter { $0.isLetter || $0.isNumber })
    }
}

/// The error that Stripe puts into the body of anything but a 2xx.
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

    /// Nil when the body is no error of Stripe's.
    static func read(_ body: [UInt8]) -> StripeError? {
        StripeJSON.decode(Body.self, from: body)?.error
    }

    private static let longestReason = 64

    /// The code or else the type, fit for a log.
    var reason: String {
        let word = code.flatMap { $0.isEmpty ? nil : $0 } ?? type
        let safe = word.unicodeScalars.prefix(Self.longestReason).filter { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789_.-".unicodeScalars.contains(scalar))
        }
        return safe.isEmpty ? "error" : String(String.UnicodeScalarView(safe))
    }
}
