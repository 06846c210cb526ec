import CCurl

/// The progress of one request: fed by libcurl's callbacks, it decides what the caller is told.
///
/// Whether a request may have reached the server is not read from the error code: a time-out has the same code before
/// and after the request is sent. It is not read from libcurl's timers and counters either, because a second try resets
/// them. The test is whether libcurl ever asked to begin. libcurl asks after the connection and its TLS handshake,
/// right before the first byte.
struct TransferProgress {
    private let mayBeSentAgain: Bool
    private let deadline: ContinuousClock.Instant
    private var answer: AnswerReader
    private var hasBegun = false
    private var ending: TransportError.Reason?

    init(mayBeSentAgain: Bool, deadline: ContinuousClock.Instant, answer: AnswerReader) {
        self.mayBeSentAgain = mayBeSentAgain
        self.deadline = deadline
        self.answer = answer
    }

    /// Called when libcurl has a connection and is about to write the request. Returning false forbids the write.
    ///
    /// When a kept-alive connection closes without a byte of answer, libcurl sends the request again, up to five times,
    /// with any method. The server may have processed the first request. So a second begin is forbidden for all methods
    /// except GET, and the caller is told that the first may have arrived.
    ///
    /// A request past its deadline does not begin, because its caller stops waiting at that moment.
    mutating func begin(at now: ContinuousClock.Instant) -> Bool {
        if now >= deadline {
            ending = .timedOut
            return false
        }
        if hasBegun && !mayBeSentAgain {
            ending = .connectionBroken
            return false
        }
        hasBegun = true
        return true
    }

    mutating func readLine(_ line: some Collection<UInt8>) -> Bool {
        if answer.readLine(line) { return true }
        ending = .answerTooLarge
        return false
    }

    mutating func readBody(_ piece: some Collection<UInt8>) -> Bool {
        if answer.readBody(piece) { return true }
        ending = .answerTooLarge
        return false
    }

    /// The caller's result when libcurl has finished the transfer.
    func finish(code: CURLcode, status: Int) -> Result<ProviderReply, TransportError> {
        if let ending { return .failure(abandon(ending)) }
        guard code == CURLE_OK else { return .failure(abandon(.init(code, hasBegun: hasBegun))) }
        guard (200...599).contains(status) else { return .failure(abandon(.malformedAnswer)) }
        guard answer.hasWholeHead else { return .failure(abandon(.connectionBroken)) }
        return .success(ProviderReply(status: status, headers: answer.headers, body: answer.body))
    }

    /// The caller's error when the transfer is aborted now.
    func abandon(_ reason: TransportError.Reason) -> TransportError {
        TransportError(hasBegun ? .mayHaveArrived : .neverSent, reason)
    }
}

extension TransportError.Reason {
    /// Maps libcurl's code. A second try of a GET may fail to connect after the first was sent.
    init(_ code: CURLcode, hasBegun: Bool) {
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_LOGIN_DENIED:
            self = .badURL
        case CURLE_UNSUPPORTED_PROTOCOL:
            // Also libcurl's code for an answer without a status line, which libcurl takes for HTTP/0.9.
            self = hasBegun ? .malformedAnswer : .schemeNotAllowed
        case CURLE_COULDNT_RESOLVE_HOST:
            self = hasBegun ? .connectionBroken : .couldNotResolve
        case CURLE_COULDNT_CONNECT:
            self = hasBegun ? .connectionBroken : .couldNotConnect
        case CURLE_OPERATION_TIMEDOUT:
            self = hasBegun ? .timedOut : .connectTimedOut
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR:
            self = .tlsNotTrusted
        case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER:
            self = .tlsFailed
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE:
            self = .connectionBroken
        case CURLE_WEIRD_SERVER_REPLY:
            self = .malformedAnswer
        case CURLE_OUT_OF_MEMORY where hasBegun, CURLcode(rawValue: 100):
            // A header line above 100 kB: CURLE_TOO_LARGE since 8.6, out of memory before.
            self = .answerTooLarge
        default:
            self = .other(code: Int(code.rawValue))
        }
    }
}
