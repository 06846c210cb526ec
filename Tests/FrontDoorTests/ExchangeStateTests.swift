import NIOCore
import Testing

@testable import FrontDoor

/// The state machine of a connection's requests and answers.
@Suite struct ExchangeStateTests {
    enum Event {
        case began, beganWithBody, beganLast, beganHTTP10, ended, answerBegan, answerClosed, answerUnframed, answered,
            failed, laneBegan, laneAnswered
    }

    /// Each state with the events that lead to it: whether a response is due, whether the connection ends with it, and
    /// whether further input is dropped.
    static let states: [(name: String, way: [Event], isOwed: Bool, isLast: Bool, dropsInput: Bool)] = [
        ("nothing", [], false, false, false),
        ("half a request", [.beganWithBody], true, false, false),
        ("a request", [.beganWithBody, .ended], true, false, false),
        ("a request that is being answered", [.began, .answerBegan], true, false, false),
        ("a request that was answered", [.began, .answerBegan, .answered], false, false, false),
        ("half a request that is being answered", [.beganWithBody, .answerBegan], true, true, false),
        ("an early answer, and the request's end", [.beganWithBody, .answerBegan, .ended], true, true, true),
        ("an answer after the request's end", [.beganWithBody, .ended, .answerBegan], true, false, false),
        ("the last request", [.beganLast], true, true, true),
        ("an answer that closes", [.began, .answerClosed], true, true, true),
        ("HTTP/1.0", [.beganHTTP10, .answerBegan], true, false, false),
        ("HTTP/1.0, an answer whose end only a close tells", [.beganHTTP10, .answerUnframed], true, true, true),
        ("HTTP/1.1, the same answer", [.began, .answerUnframed], true, false, false),
        ("no request", [.failed], false, true, true),
        ("a request that the lane answers later", [.laneBegan], true, false, false),
        ("a request that the lane has answered", [.laneBegan, .laneAnswered], false, false, false),
        ("a request that the lane leaves to the routes", [.laneBegan, .began], true, false, false),
        ("a stop while the lane waits", [.laneBegan, .failed], true, true, true),
        ("a request of the lane after a stop", [.laneBegan, .failed, .beganWithBody], true, true, false),
        ("a request that breaks off", [.beganWithBody, .failed], true, true, true),
    ]

    @Test func `each connection state follows from its events`() {
        for state in Self.states {
            let exchange = Self.exchange(state.way)
            #expect(exchange.isOwed == state.isOwed, "\(state.name)")
            #expect(exchange.isLast == state.isLast, "\(state.name)")
            #expect(exchange.dropsInput == state.dropsInput, "\(state.name)")
        }
    }

    @Test func `a connection is trusted after an authenticated request has succeeded`() {
        for (lines, status, isKnown) in [
            (["Authorization: Bearer x"], 200, true), (["Authorization: Bearer x"], 401, false), ([], 200, false),
        ] {
            var exchange = ExchangeState()
            exchange.began(Self.head("HTTP/1.1", lines), hasBody: false)
            _ = exchange.answerBegan(status: status, saysClose: false, isSelfDelimited: true)
            #expect(exchange.isKnown == isKnown, "\(lines) \(status)")
        }
    }

    private static func head(_ version: String, _ lines: [String] = []) -> WireHead {
        let text = (["GET / \(version)", "Host: a"] + lines).joined(separator: "\r\n") + "\r\n\r\n"
        guard case .whole(let head) = WireHead.read(ByteBuffer(string: text)) else { preconditionFailure(text) }
        return head
    }

    private static func exchange(_ way: [Event]) -> ExchangeState {
        var exchange = ExchangeState()
        for event in way {
            switch event {
            case .began: exchange.began(head("HTTP/1.1"), hasBody: false)
            case .beganWithBody: exchange.began(head("HTTP/1.1"), hasBody: true)
            case .beganLast: exchange.began(head("HTTP/1.1", ["Connection: close"]), hasBody: false)
            case .beganHTTP10: exchange.began(head("HTTP/1.0", ["Connection: keep-alive"]), hasBody: false)
            case .ended: exchange.requestEnded()
            case .answerBegan: _ = exchange.answerBegan(status: 200, saysClose: false, isSelfDelimited: true)
            case .answerClosed: _ = exchange.answerBegan(status: 200, saysClose: true, isSelfDelimited: true)
            case .answerUnframed: _ = exchange.answerBegan(status: 200, saysClose: false, isSelfDelimited: false)
            case .answered: exchange.answerEnded()
            case .failed: exchange.inputFailed()
            case .laneBegan: exchange.laneBegan()
            case .laneAnswered: exchange.laneAnswered()
            }
        }
        return exchange
    }
}
