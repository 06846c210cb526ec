/// An outcome that is not known: why, and whether the request may still arrive at the provider.
public struct Doubt: Hashable, Sendable {
    public let reason: UnknownReason
    /// No answer came, so the request may still land: the lease is kept until it runs out. False where an answer came,
    /// however bad, and where the request never left.
    public let isUnanswered: Bool

    public static func answered(_ reason: UnknownReason) -> Doubt { Doubt(reason: reason, isUnanswered: false) }

    public static func unanswered(_ reason: UnknownReason) -> Doubt { Doubt(reason: reason, isUnanswered: true) }
}

/// Why an outcome is not known, as logs, metrics, the history and callers are told.
public enum UnknownReason: Hashable, Sendable {
    /// No whole answer came in time.
    case timeout
    /// No connection was made, or it broke, or the call was not let through to it.
    case connection
    case tls
    /// A 5xx without a code of the provider's.
    case serverError
    /// An answer that is not in the provider's form.
    case unreadable
    /// The answer's signature is missing, wrong or too old.
    case signature
    /// The answer is signed by a key that is not known here.
    case serial
    /// The answer is about another trade or refund than the one that was asked about.
    case otherTrade
    /// The provider's own code for an error that decides nothing.
    case code(ProviderError)

    /// The reasons that are not a provider's own.
    public static let general: [UnknownReason] = [
        .timeout, .connection, .tls, .serverError, .unreadable, .signature, .serial, .otherTrade,
    ]

    public var text: String {
        switch self {
        case .timeout: "timeout"
        case .connection: "connection"
        case .tls: "tls"
        case .serverError: "http_5xx"
        case .unreadable: "unreadable"
        case .signature: "signature"
        case .serial: "serial"
        case .otherTrade: "other_trade"
        case .code(let error): "code:\(error.code)"
        }
    }

    /// The provider's own words, where it gave any.
    public var error: ProviderError? {
        if case .code(let error) = self { error } else { nil }
    }
}
