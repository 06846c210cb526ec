import NIOCore
import PayTestSupport
import Testing

@testable import PayServer

/// Whose each piece of a connection is.
@Suite struct FastFramingTests {
    private static let page = request("GET", "page")
    private static let repay = request("POST", "repay", ["Content-Length: 2"], "{}")
    private static let other = request("GET", "events")
    private static let long = request("POST", "repay", ["Content-Length: 600"], String(repeating: " ", count: 600))
    private static let chunked = request("POST", "repay", ["Transfer-Encoding: chunked"], "2\r\n{}\r\n0\r\n\r\n")

    private static func request(_ method: String, _ call: String, _ fields: [String] = [], _ body: String = "")
        -> String
    {
        (["\(method) /v1/payments/order_1/\(call) HTTP/1.1", "Authorization: Bearer key"] + fields)
            .joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    @Test func `each request goes to whom it belongs, however the connection is cut`() {
        var dice = SplitMix(state: 0x5EED)
        let kinds = [(Self.page, true), (Self.repay, true), (Self.other, false), (Self.long, false)]
        for _ in 0..<500 {
            let order = (0..<6).map { _ in kinds.randomElement(using: &dice)! }
            let told = Self.pieces(of: order.map(\.0).joined(), &dice)
            #expect(told == Self.merged(order.map { ($0.0, $0.1) }))
        }
    }

    @Test func `behind what only the decoder can read everything is the routes'`() {
        var dice = SplitMix(state: 0x5EED)
        for odd in [Self.chunked, Self.page.replacing("1.1", with: "1.0"), "\r\n" + Self.page] {
            for _ in 0..<100 {
                let rest = odd + Self.page + Self.repay
                #expect(Self.pieces(of: Self.page + rest, &dice) == [.init(Self.page, true), .init(rest, false)])
            }
        }
    }

    @Test func `while the routes owe an answer everything is theirs, and requests are told apart all the same`() {
        var framing = FastFraming()
        for request in [Self.page, Self.repay] {
            var bytes = ByteBuffer(string: request)
            while bytes.readableBytes > 0, case .pass(let count) = framing.next(bytes, mayAnswer: false) {
                bytes.moveReaderIndex(forwardBy: count)
            }
            #expect(bytes.readableBytes == 0)
        }
        guard case .tryToAnswer = framing.next(ByteBuffer(string: Self.page), mayAnswer: true) else {
            Issue.record("lost its place")
            return
        }
    }

    @Test(arguments: [(0, true), (512, true), (513, false)])
    func `a body for the fast lane has 512 bytes at the most`(length: Int, isFast: Bool) {
        let text = Self.request(
            "POST", "repay", ["Content-Length: \(length)"], String(repeating: " ", count: length))
        var dice = SplitMix(state: 1)
        #expect(Self.pieces(of: text, &dice) == [.init(text, isFast)])
    }

    @Test func `of a page that comes with a body nothing is waited for`() {
        let head = Self.request("GET", "page", ["Content-Length: 5"])
        var framing = FastFraming()
        guard case .pass(head.utf8.count) = framing.next(ByteBuffer(string: head), mayAnswer: true) else {
            Issue.record("it is no hit")
            return
        }
    }

    @Test func `a head of more than 8,192 bytes is the routes', also in one piece`() {
        for (padding, isFast) in [(8_192 - 121, true), (8_192, false)] {
            let text = Self.request("GET", "page", ["X: " + String(repeating: "x", count: padding)])
            #expect((text.utf8.count <= 8_192) == isFast)
            var framing = FastFraming()
            switch framing.next(ByteBuffer(string: text), mayAnswer: true) {
            case .tryToAnswer: #expect(isFast)
            case .pass(let count): #expect(!isFast && count == text.utf8.count)
            case .wait: Issue.record("it is whole")
            }
        }
    }

    @Test func `a head that goes on and on is the decoder's`() {
        let text = Array(("GET / HTTP/1.1\r\nX: " + String(repeating: "x", count: 8_192)).utf8)
        var framing = FastFraming()
        guard case .wait = framing.next(ByteBuffer(bytes: text[..<8_191]), mayAnswer: true),
            case .pass(8_192) = framing.next(ByteBuffer(bytes: text[..<8_192]), mayAnswer: true)
        else {
            Issue.record("no end to it")
            return
        }
    }

    /// What one of the two lanes got in one go.
    private struct Piece: Equatable {
        var text: String
        let isFast: Bool

        init(_ text: String, _ isFast: Bool) {
            (self.text, self.isFast) = (text, isFast)
        }
    }

    /// What each lane gets of a connection whose bytes come in pieces of any size.
    private static func pieces(of text: String, _ dice: inout SplitMix) -> [Piece] {
        var framing = FastFraming()
        var found: [(String, Bool)] = []
        var (coming, bytes) = (ByteBuffer(string: text), ByteBuffer())
        while let more = coming.readSlice(length: min(coming.readableBytes, .random(in: 1...200, using: &dice))),
            more.readableBytes > 0
        {
            bytes.writeImmutableBuffer(more)
            loop: while bytes.readableBytes > 0 {
                switch framing.next(bytes, mayAnswer: true) {
                case .wait: break loop
                case .pass(let count): found.append((bytes.readString(length: count) ?? "", false))
                case .tryToAnswer(_, let head, let body):
                    found.append((bytes.readString(length: head + body) ?? "", true))
                }
            }
        }
        return merged(found)
    }

    /// The routes don't care where one piece ends.
    private static func merged(_ pieces: [(String, Bool)]) -> [Piece] {
        pieces.reduce(into: []) { merged, piece in
            if let last = merged.last, !last.isFast, !piece.1 {
                merged[merged.count - 1].text += piece.0
            } else {
                merged.append(Piece(piece.0, piece.1))
            }
        }
    }
}
