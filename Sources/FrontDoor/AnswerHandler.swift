import NIOCore
import NIOHTTP1

/// Runs behind the HTTP encoder and decoder. Tells the door when a response of the routes begins and ends, and writes
/// the `Connection` field.
final class AnswerHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let door: DoorHandler

    init(_ door: DoorHandler) {
        self.door = door
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where head.status.code >= 200:
            begin(&head)
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            context.writeAndFlush(data, promise: promise)
            door.answerEnded()
        case .head, .body: context.write(data, promise: promise)
        }
    }

    private func begin(_ head: inout HTTPResponseHead) {
        let saysClose = head.headers[canonicalForm: "connection"].contains { $0.isWord("close") }
        let isSelfDelimited = head.headers.contains(name: "content-length") || !head.status.mayHaveResponseBody
        let (isHTTP10, token) = door.answerBegins(
            status: Int(head.status.code), saysClose: saysClose, isSelfDelimited: isSelfDelimited)
        // The encoder would otherwise send chunks, which HTTP/1.0 does not have.
        if isHTTP10 { head.version = .http1_0 }
        if let token { head.headers.replaceOrAdd(name: "connection", value: token.rawValue) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        door.inputFailed()
        context.fireErrorCaught(error)
    }
}

extension Substring {
    fileprivate func isWord(_ word: StaticString) -> Bool { utf8.isWord(word) }
}
