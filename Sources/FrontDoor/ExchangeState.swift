/// Where the exchange of requests and answers on a connection stands, as far as the routes have a part in it. They get one
/// request at a time.
struct ExchangeState {
    /// Whether the routes have a request that they haven't answered.
    private(set) var isOwed = false
    /// Whether the routes have a request whose end has not arrived.
    private(set) var isComingIn = false
    /// Whether the routes' answer has begun.
    private(set) var hasAnswerBegun = false
    /// Whether the connection ends with the answer that comes next: nothing behind its request is served.
    private(set) var isLast = false
    private var request: (isHTTP10: Bool, hasAuthorization: Bool) = (false, false)
    /// Whether a request with a key or a token succeeded on this connection.
    private(set) var isKnown = false

    /// Whether all that arrives from now on is dropped.
    var dropsInput: Bool { isLast && !isComingIn }

    /// The `Connection` token of an answer's head; nil for none.
    enum Token: String {
        case close
        case keepAlive = "keep-alive"
    }

    mutating func began(_ head: WireHead, hasBody: Bool) {
        isOwed = true
        isComingIn = hasBody
        hasAnswerBegun = false
        isLast = isLast || !head.keepsAlive
        request = (head.isHTTP10, head.hasAuthorization)
    }

    mutating func requestEnded() { isComingIn = false }

    /// Nothing more of what arrives can be understood, or may be served.
    mutating func inputFailed() {
        isLast = true
        isComingIn = false
    }

    /// - Parameters:
    ///   - saysClose: whether the routes end the connection by themselves.
    ///   - isSelfDelimited: whether an HTTP/1.0 client can tell where the answer ends.
    mutating func answerBegan(status: Int, saysClose: Bool, isSelfDelimited: Bool) -> (isHTTP10: Bool, Token?) {
        hasAnswerBegun = true
        // RFC 9112, section 9.3: the rest of a request whose answer is there already would have to be read to its end.
        isLast = isLast || saysClose || isComingIn || request.isHTTP10 && !isSelfDelimited
        if request.hasAuthorization, status < 400 { isKnown = true }
        return (request.isHTTP10, isLast ? .close : request.isHTTP10 ? .keepAlive : nil)
    }

    mutating func answerEnded() {
        isOwed = false
        hasAnswerBegun = false
    }

    mutating func laneAnswered() { isKnown = true }
}
