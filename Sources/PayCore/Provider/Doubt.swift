/// An unknown outcome: its reason, and whether the request may still arrive at the provider.
public struct Doubt: Hashable, Sendable {
    public let reason: UnknownReason
    /// No answer came, so the request may still arrive: the lease is kept until it expires. False if any answer came,
    /// or if the request never left.
    public let isUnanswered: Bool

    public static func answered(_ reason: UnknownReason) -> Doubt { Doubt(reason: reason, isUnanswered: false) }

    public static func unanswered(_ reason: UnknownReason) -> Doubt { Doubt(reason: reason, isUnanswered: true) }
}

/// The reason that an outcome is unknown, as in logs, metrics, the history and answers to callers.
public enum UnknownReason: Hashable, Sendable {
    /// No complete answer came in time.
    case timeout
    /// No connection was made, the connection broke, or the call was not allowed to connect.
    case connection
    case tls
    /// A 5xx without a code of the provider.
    case serverError
    /// An answer that is not in the provider's format.
    case unreadable
    /// The answer's signature is missing, wrong or too old.
    case signature
    /// The answer is signed by an unknown key.
    case serial
    /// The answer is about another trade or refund.
    case otherTrade
    /// The provider's own code for an error that decides nothing.
    case code(ProviderError)

    /// The reasons that are not a provider's own code.
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

    /// The provider's own error, if it returned one.
    public var error: ProviderError? {
        if case .code(let error) = self { error } else { nil }
    }
}
