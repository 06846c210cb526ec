/// The state of the exchange between a connection, the lane and the routes. One request is answered at a time.
struct ExchangeState {
    /// Whether a request is not answered: the routes have it, or the lane will answer it later.
    private(set) var isOwed = false
    /// Whether the routes have a request whose end has not arrived.
    private(set) var isComingIn = false
    /// Whether the response of the routes has begun.
    private(set) var hasAnswerBegun = false
    /// Whether the connection closes after the next response. Later requests are not served.
    private(set) var isLast = false
    private var request: (isHTTP10: Bool, hasAuthorization: Bool) = (false, false)
    /// Whether an authenticated request succeeded on this connection.
    private(set) var isKnown = false

    /// Whether all further input is dropped.
    var dropsInput: Bool { isLast && !isComingIn }

    /// The `Connection` token of a response's head; nil for none.
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

    /// Further input can't be parsed, or must not be served.
    mutating func inputFailed() {
        isLast = true
        isComingIn = false
    }

    /// - Parameters:
    ///   - saysClose: whether the routes request the end of the connection.
    ///   - isSelfDelimited: whether an HTTP/1.0 client can detect the end of the response.
    mutating func answerBegan(status: Int, saysClose: Bool, isSelfDelimited: Bool) -> (isHTTP10: Bool, Token?) {
        hasAnswerBegun = true
        // RFC 9112, section 9.3: after an early response, the rest of the request would have to be read to its end.
        isLast = isLast || saysClose || isComingIn || request.isHTTP10 && !isSelfDelimited
        if request.hasAuthorization, status < 400 { isKnown = true }
        return (request.isHTTP10, isLast ? .close : request.isHTTP10 ? .keepAlive : nil)
    }

    mutating func answerEnded() {
        isOwed = false
        hasAnswerBegun = false
    }

    /// The lane will answer a request later.
    mutating func laneBegan() { isOwed = true }

    mutating func laneAnswered() {
        isOwed = false
        isKnown = true
    }
}
