import PayCore

/// Why no reply came, and whether the request may have reached the provider all the same.
///
/// It holds no part of the request or the answer, so that it can be logged.
public struct TransportError: Error, Equatable {
    /// How far the request got. A rule about money asks this, never the reason.
    public enum Reach: Sendable, Equatable {
        /// Not one byte of the request went out: asking again can't do anything twice.
        case neverSent
        /// The provider may have done what was asked.
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
        /// The whole time allowed was over, wherever the request then was: in a queue, under way, or being answered.
        case timedOut
        case connectionBroken
        case answerTooLarge
        case malformedAnswer
        case cancelled
        case shutDown
        /// The provider is not called for a while, because it didn't answer or asked for fewer calls.
        case leftAlone
        /// So many calls to the provider wait for their turn that this one would wait in vain.
        case tooManyCalls
        /// A code of libcurl's that says nothing more particular.
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
        case .neverSent: "\(reason.words); the request never went out"
        case .mayHaveArrived: "\(reason.words); the request may have arrived"
        }
    }
}

extension TransportError {
    /// The reason as a provider's caller sees it. A request that was never sent can't land later.
    var doubt: Doubt {
        switch reach {
        case .neverSent: .answered(reason.whyUnknown)
        case .mayHaveArrived: .unanswered(reason.whyUnknown)
        }
    }
}

extension UnknownReason {
    /// Why an answer without a code of the provider's says nothing.
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
        case .badURL: "the URL can't be read"
        case .badHeader: "a header can't be sent"
        case .schemeNotAllowed: "the URL is neither http nor https"
        case .couldNotResolve: "the host name could not be resolved"
        case .couldNotConnect: "no connection could be made"
        case .connectTimedOut: "connecting took too long"
        case .tlsNotTrusted: "the certificate is not trusted"
        case .tlsFailed: "TLS failed"
        case .timedOut: "no whole answer came in time"
        case .connectionBroken: "the connection broke"
        case .answerTooLarge: "the answer is too large"
        case .malformedAnswer: "the answer is not HTTP"
        case .cancelled: "the task was cancelled"
        case .shutDown: "the transport was shut down"
        case .leftAlone: "the provider is left alone for a while"
        case .tooManyCalls: "too many calls wait for the provider"
        case .other(let code): "libcurl failed with code \(code)"
        }
    }
}
