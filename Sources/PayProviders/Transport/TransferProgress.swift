import CCurl

/// How far one request has got: what libcurl tells goes in, and what its caller may believe comes out.
///
/// Whether a request may have arrived isn't read from the error's code, which is the same for a time-out before and
/// after the request went out, nor from libcurl's clocks and counters, which a second try resets. It is whether libcurl
/// ever asked to begin: it asks when a connection is made and its TLS handshake done, right before the first byte.
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

    /// libcurl has a connection and is about to write the request; false forbids it.
    ///
    /// When a kept-alive connection dies without a byte of answer, libcurl sends the request again by itself, up to
    /// five times, whatever the method. The server may have done what the first one asked, so a second beginning is
    /// forbidden to all but a GET, and the caller hears that the first may have arrived.
    ///
    /// A request whose time is over doesn't begin: its caller gives up at that moment, and would not know of it.
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

    /// What the caller gets when libcurl is done with the transfer.
    func finish(code: CURLcode, status: Int) -> Result<ProviderReply, TransportError> {
        if let ending { return .failure(abandon(ending)) }
        guard code == CURLE_OK else { return .failure(abandon(.init(code, hasBegun: hasBegun))) }
        guard (200...599).contains(status) else { return .failure(abandon(.malformedAnswer)) }
        guard answer.hasWholeHead else { return .failure(abandon(.connectionBroken)) }
        return .success(ProviderReply(status: status, headers: answer.headers, body: answer.body))
    }

    /// What the caller gets when the transfer is given up now.
    func abandon(_ reason: TransportError.Reason) -> TransportError {
        TransportError(hasBegun ? .mayHaveArrived : .neverSent, reason)
    }
}

extension TransportError.Reason {
    /// libcurl's code in our words. A second try of a GET may fail to connect after the first was sent.
    init(_ code: CURLcode, hasBegun: Bool) {
        switch code {
        case CURLE_URL_MALFORMAT, CURLE_LOGIN_DENIED:
            self = .badURL
        case CURLE_UNSUPPORTED_PROTOCOL:
            // Also what libcurl says to an answer without a status line, which it takes for HTTP/0.9.
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
            // A header line of over 100 kB: CURLE_TOO_LARGE since 8.6, out of memory before.
            self = .answerTooLarge
        default:
            self = .other(code: Int(code.rawValue))
        }
    }
}
