import PayCore

/// Why no reply came, and whether the request may have reached the provider.
///
/// Contains no part of the request or the answer, so it is safe to log.
public struct TransportError: Error, Equatable {
    /// How far the request got. Rules about money use this, never the reason.
    public enum Reach: Sendable, Equatable {
        /// No byte of the request was sent. Sending it again cannot repeat an effect.
        case neverSent
        /// The provider may have processed the request.
        case mayHaveArrived
    }

    public enum Reason: Sendable, Equatable {
        case badURL
        case badHeader
        case schemeNotAllowed
        case couldNotResolve
        case couldNotConnect
        case connectTimedOut
        case tlsNotTrusted
        case tlsFailed
        /// The deadline passed, at any stage: in a queue, in flight, or during the answer.
        case timedOut
        case connectionBroken
        case answerTooLarge
        case malformedAnswer
        case cancelled
        case shutDown
        /// Calls to the provider are paused: its circuit is open, or it asked for fewer calls.
        case leftAlone
        /// The queue of calls to the provider is full.
        case tooManyCalls
        /// A libcurl error code without a case of its own.
        case other(code: Int)
    }

    public let reach: Reach
    public let reason: Reason

    public init(_ reach: Reach, _ reason: Reason) {
        self.reach = reach
        self.reason = reason
    }
}

extension TransportError: CustomStringConvertible {
    public var description: String {
        switch reach {
        case .neverSent: "\(reason.words); the request was not sent"
        case .mayHaveArrived: "\(reason.words); the request may have reached the server"
        }
    }
}

extension TransportError {
    /// The outcome for the provider's caller. A request that was never sent cannot arrive later.
    var doubt: Doubt {
        switch reach {
        case .neverSent: .answered(reason.whyUnknown)
        case .mayHaveArrived: .unanswered(reason.whyUnknown)
        }
    }
}

extension UnknownReason {
    /// The reason for an unclear answer without a provider code.
    init(unclear reply: ProviderReply) {
        self = reply.isServerError ? .serverError : .unreadable
    }
}

extension TransportError.Reason {
    var whyUnknown: UnknownReason {
        switch self {
        case .timedOut, .connectTimedOut: .timeout
        case .tlsNotTrusted, .tlsFailed: .tls
        case .malformedAnswer, .answerTooLarge: .unreadable
        case .badURL, .badHeader, .schemeNotAllowed, .couldNotResolve, .couldNotConnect, .connectionBroken, .cancelled,
            .shutDown, .leftAlone, .tooManyCalls, .other:
            .connection
        }
    }
}

extension TransportError.Reason {
    fileprivate var words: String {
        switch self {
        case .badURL: "invalid URL"
        case .badHeader: "invalid request header"
        case .schemeNotAllowed: "unsupported URL scheme; expected http or https"
        case .couldNotResolve: "the host name does not resolve"
        case .couldNotConnect: "connection failed"
        case .connectTimedOut: "connecting timed out"
        case .tlsNotTrusted: "the server's certificate is not trusted"
        case .tlsFailed: "TLS handshake failed"
        case .timedOut: "timed out before the answer was complete"
        case .connectionBroken: "connection lost"
        case .answerTooLarge: "the answer is larger than the limit"
        case .malformedAnswer: "the answer is not valid HTTP"
        case .cancelled: "cancelled"
        case .shutDown: "the transport is shut down"
        case .leftAlone: "calls to the provider are paused after failures or rate limiting"
        case .tooManyCalls: "the queue of calls to the provider is full"
        case .other(let code): "libcurl failed with code \(code)"
        }
    }
}
