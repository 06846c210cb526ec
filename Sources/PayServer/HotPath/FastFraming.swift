import NIOCore

/// Where the requests of a connection begin and end, as far as that is plain, and whose each piece is.
struct FastFraming {
    /// What is to be done with the bytes that nobody has yet.
    enum Step {
        /// They are kept until more come in.
        case wait
        /// So many of them are the routes'.
        case pass(Int)
        /// A whole request: so many bytes of head, and of body.
        case tryToAnswer(FastRequest, head: Int, body: Int)
    }

    private enum Place {
        /// A request begins with the next byte. Left by its head.
        case beginning
        /// So much of a body is still to come that is the routes'. Left with its last byte.
        case body(Int)
        /// Something came in that only the decoder can tell the end of. Never left.
        case unknown
    }

    /// In bytes. A longer one is the routes'; clients with so much to say are browsers.
    private static let longestHead = 8_192
    /// In bytes: a body for the fast lane names a channel, a terminal and a payer.
    private static let longestBody = 512

    private var place = Place.beginning

    /// - Parameters:
    ///   - bytes: those that came in, and that nobody has yet; one at least.
    ///   - mayAnswer: whether the fast lane may answer what comes now.
    mutating func next(_ bytes: ByteBuffer, mayAnswer: Bool) -> Step {
        switch place {
        case .beginning: return begin(bytes, mayAnswer)
        case .body(let rest):
            let count = min(rest, bytes.readableBytes)
            place = count < rest ? .body(rest - count) : .beginning
            return .pass(count)
        case .unknown: return .pass(bytes.readableBytes)
        }
    }

    /// Whether it is short enough, and what it asks for can have such a body.
    private static func mayBeHit(_ request: FastRequest, _ head: WireHead) -> Bool {
        let longest =
            switch request.call {
            case .page: 0
            case .repay: longestBody
            }
        return head.length <= longestHead && head.bodyLength <= longest
    }

    private mutating func begin(_ bytes: ByteBuffer, _ mayAnswer: Bool) -> Step {
        switch WireHead.read(bytes) {
        case .incomplete where bytes.readableBytes < Self.longestHead: return .wait
        case .incomplete, .unclear:
            place = .unknown
            return .pass(bytes.readableBytes)
        case .whole(let head):
            if mayAnswer, let request = head.request, Self.mayBeHit(request, head) {
                let isWhole = head.length + head.bodyLength <= bytes.readableBytes
                return isWhole ? .tryToAnswer(request, head: head.length, body: head.bodyLength) : .wait
            }
            if head.bodyLength > 0 { place = .body(head.bodyLength) }
            return .pass(head.length)
        }
    }
}
