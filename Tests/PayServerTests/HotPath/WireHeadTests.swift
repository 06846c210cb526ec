import NIOCore
import NIOEmbedded
import NIOHTTP1
import PayCore
import PayTestSupport
import Testing

@testable import PayServer

/// Where a request ends, and what the fast lane takes of it, as its bytes tell.
@Suite struct WireHeadTests {
    private static let key = "Authorization: Bearer key"
    private static let page = "GET /v1/payments/order_1/page"

    /// Heads, how long the body is that they tell of, and whether they are for the fast lane.
    static let whole: [(lines: [String], body: Int, isFast: Bool)] = [
        (["\(page) HTTP/1.1", key], 0, true),
        (["\(page)?channel=a&x=%20 HTTP/1.1", "Host: a", key, "User-Agent: b/1 (c; d)"], 0, true),
        (["\(page) HTTP/1.1", "authorization:\t Bearer key", "ACCEPT:text/html", "X:"], 0, true),
        (["\(page) HTTP/1.1", key, "Connection: Keep-Alive"], 0, true),
        (["POST /v1/payments/order_1/repay HTTP/1.1", key, "content-length: 012"], 12, true),
        (["POST /v1/payments/order_1/repay HTTP/1.1", key, "X-Request-Id: a"], 0, true),
        (["\(page) HTTP/1.1"], 0, false),
        (["\(page)/ HTTP/1.1", key], 0, false),
        (["\(page) HTTP/1.1", key, key], 0, false),
        (["\(page) HTTP/1.1", key, "Connection: close"], 0, false),
        (["\(page) HTTP/1.1", key, "Proxy-Connection: keep-alive"], 0, false),
        (["\(page) HTTP/1.1", key, "If-None-Match: x"], 0, false),
        (["\(page) HTTP/1.1", key, "ORIGIN: https://a"], 0, false),
        (["POST /v1/payments/order_1/repay HTTP/1.1", key, "Expect: 100-continue", "Content-Length: 7"], 7, false),
        (["POST /v1/payments/order_1/repay HTTP/1.1", key, "Idempotency-Key: k", "Content-Length: 7"], 7, false),
        (["HEAD /v1/payments/order_1/page HTTP/1.1", key], 0, false),
        (["OPTIONS /v1/payments/order_1/repay HTTP/1.1", key], 0, false),
        (["POST /v1/payments HTTP/1.1", key, "Content-Length: 999999999"], 999_999_999, false),
    ]

    /// What another reader might take for something else, or for longer or shorter.
    static let unclear =
        [
            "\(page) HTTP/1.1\n\(key)\r\n\r\n", "\(page) HTTP/1.1\r\n\(key)\n\r\n",
            "\(page) HTTP/1.1\r\n\(key)\r\r\n\r\n",
            "\r\n\(page) HTTP/1.1\r\n\r\n", " \(page) HTTP/1.1\r\n\r\n", "\(page)  HTTP/1.1\r\n\r\n",
            "\(page) HTTP/1.0\r\n\r\n", "\(page) HTTP/2.0\r\n\r\n", "\(page) http/1.1\r\n\r\n",
            "\(page) HTTP/1.1 \r\n\r\n",
            "\(page)\r\n\r\n", "\(page)#x HTTP/1.1\r\n\r\n", "\(page)\u{E9} HTTP/1.1\r\n\r\n",
            "\(page)\" HTTP/1.1\r\n\r\n",
            "GET http://a/b HTTP/1.1\r\n\r\n", "GET  /v1 HTTP/1.1\r\n\r\n", "get /v1 HTTP/1.1\r\n\r\n",
            "PUT /v1 HTTP/1.1\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\n\r\n", "OPTIONS * HTTP/1.1\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\n", "\u{16}\u{3}\u{1}",
            "\(page) HTTP/1.1\r\nA : b\r\n\r\n", "\(page) HTTP/1.1\r\n A: b\r\n\r\n",
            "\(page) HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
            "\(page) HTTP/1.1\r\n: b\r\n\r\n", "\(page) HTTP/1.1\r\nA\r\n\r\n", "\(page) HTTP/1.1\r\nA: \u{0}\r\n\r\n",
            "\(page) HTTP/1.1\r\nA: \u{7F}\r\n\r\n", "\(page) HTTP/1.1\r\nA: \u{E9}\r\n\r\n",
            "\(page) HTTP/1.1\r\nÄ: b\r\n\r\n",
            "\(page) HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "\(page) HTTP/1.1\r\ntransfer-encoding:identity\r\n\r\n",
            "\(page) HTTP/1.1\r\nUpgrade: h2c\r\n\r\n", "\(page) HTTP/1.1\r\n\(key) \r\n\r\n",
            "\(page) HTTP/1.1\r\n\(key)\t\r\n\r\n",
        ]
        + ["", "-1", "+1", "1,1", "1 1", "0x1", "1.0", "1e1", "1234567890", "\u{661}"].map {
            "\(page) HTTP/1.1\r\nContent-Length: \($0)\r\n\r\n"
        } + ["\(page) HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"]

    @Test func `where a plain head ends, and what stands in it`() throws {
        for (lines, body, isFast) in Self.whole {
            let text = lines.joined(separator: "\r\n") + "\r\n\r\n"
            let head = try #require(Self.head(Array((text + "what follows").utf8)), "\(lines)")
            #expect(head.length == text.utf8.count, "\(lines)")
            #expect(head.bodyLength == body, "\(lines)")
            #expect((head.request != nil) == isFast, "\(lines)")
        }
    }

    @Test func `a field's value stands without the blanks before it`() throws {
        let head = Self.head(
            Array("\(Self.page)?a=b HTTP/1.1\r\naccept: \t a, b\r\nAUTHORIZATION:Bearer key\r\n\r\n".utf8))
        let request = try #require(head?.request)
        #expect(request.accept == "a, b")
        #expect(request.authorization == "Bearer key")
        #expect(request.number.text == "order_1")
        #expect(request.query == "a=b")
    }

    @Test func `of a head whose end hasn't come in nothing is said`() {
        for (lines, _, _) in Self.whole {
            let text = Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
            for count in text.indices {
                guard case .incomplete = WireHead.read(ByteBuffer(bytes: text[..<count])) else {
                    Issue.record("\(lines) after \(count) bytes")
                    break
                }
            }
        }
    }

    @Test func `what could be taken for two things is the decoder's`() {
        for text in Self.unclear {
            guard case .unclear = WireHead.read(ByteBuffer(string: text)) else {
                Issue.record("\(text.debugDescription)")
                continue
            }
        }
    }

    /// The promise that the fast lane stands on: else one request could hide in another.
    @Test func `whatever is read here ends where the decoder ends it`() throws {
        var dice = SplitMix(state: 0x5EED)
        var read = 0
        for _ in 0..<20_000 {
            let text = Mutation.bytes(of: Self.samples, &dice)
            guard let head = Self.head(text), head.length + head.bodyLength <= text.count else { continue }
            read += 1
            let request = text[..<(head.length + head.bodyLength)]
            let told = "\(String(decoding: request, as: UTF8.self).debugDescription)"
            let decoded = try #require(try? Decoded(request), "\(told)")
            #expect(decoded.heads.count == 1, "\(told)")
            #expect(decoded.ends == 1, "\(told)")
            #expect(decoded.bodyLength == head.bodyLength, "\(told)")
            if head.bodyLength > 0 {
                #expect(try Decoded(text[..<head.length]).ends == 0, "\(told)")
            }
            guard let fast = head.request, let slow = decoded.heads.first else { continue }
            #expect(slow.uri.hasSuffix(fast.query), "\(told)")
            #expect(slow.headers["Authorization"] == [fast.authorization], "\(told)")
            #expect(slow.isKeepAlive, "\(told)")
        }
        #expect(read > 2_500)
    }

    private static func head(_ bytes: [UInt8]) -> WireHead? {
        guard case .whole(let head) = WireHead.read(ByteBuffer(bytes: bytes)) else { return nil }
        return head
    }

    private static let samples: [[UInt8]] =
        whole.filter { $0.body < 100 }.map {
            Array(($0.lines.joined(separator: "\r\n") + "\r\n\r\n" + String(repeating: "x", count: $0.body)).utf8)
        } + unclear.map { Array($0.utf8) }
}

/// What the framework's decoder makes of some bytes.
private struct Decoded {
    private(set) var heads: [HTTPRequestHead] = []
    private(set) var bodyLength = 0
    private(set) var ends = 0

    init(_ bytes: ArraySlice<UInt8>) throws {
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withPipeliningAssistance: false, withErrorHandling: false)
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        try channel.writeInbound(ByteBuffer(bytes: bytes))
        while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
            switch part {
            case .head(let head): heads.append(head)
            case .body(let body): bodyLength += body.readableBytes
            case .end: ends += 1
            }
        }
    }
}

/// Damages requests in the places where readers have disagreed before.
private enum Mutation {
    private static let pieces = [
        "\r", "\n", "\r\n", " ", "\t", ":", "\u{0}", "\u{7F}", "\u{E9}", "0", "9", "-", "A", ",", "/", "?", "\r\n\r\n",
        "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Connection: close\r\n", "Connection: upgrade\r\n",
        "Upgrade: x\r\n", "Keep-Alive: 1\r\n", " folded\r\n", "Proxy-Connection: close\r\n",
    ].map { Array($0.utf8) }

    static func bytes(of samples: [[UInt8]], _ dice: inout SplitMix) -> [UInt8] {
        var bytes = samples[dice.below(samples.count)]
        for _ in 0..<dice.below(4) {
            let place = dice.below(bytes.count + 1)
            switch dice.below(4) {
            case 0: bytes.insert(contentsOf: pieces[dice.below(pieces.count)], at: place)
            case 1 where place < bytes.count: bytes.remove(at: place)
            case 2 where place < bytes.count:
                bytes.replaceSubrange(place...place, with: pieces[dice.below(pieces.count)])
            default:
                // Behind a line, where a field fits.
                guard let line = bytes.indices.filter({ bytes[$0] == UInt8(ascii: "\n") }).randomElement(using: &dice)
                else { break }
                bytes.insert(contentsOf: pieces[dice.below(pieces.count)], at: line + 1)
            }
        }
        return bytes
    }
}

extension SplitMix {
    fileprivate mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}
