import NIOCore
import NIOEmbedded
import NIOHTTP1
import PayCore
import PayTestSupport
import Testing

@testable import FastLane
@testable import FrontDoor

/// Parsing of request heads.
@Suite struct WireHeadTests {
    private static let key = "Authorization: Bearer key"
    private static let page = "GET /v1/payments/order_1/page"

    /// Valid heads, with the length of the body and whether the fast lane may answer. `Host` is added.
    static let whole: [(lines: [String], body: Int, isFast: Bool)] = [
        (["\(page) HTTP/1.1", key], 0, true),
        (["\(page)?channel=a&x=%20 HTTP/1.1", key, "User-Agent: b/1 (c; d)"], 0, true),
        (["\(page) HTTP/1.1", "authorization:\t Bearer key", "ACCEPT:text/html", "X:"], 0, true),
        (["\(page) HTTP/1.1", key, "Connection: Keep-Alive"], 0, true),
        (["\(page) HTTP/1.1", key, "X: \u{E9}"], 0, true),
        (["POST /v1/payments/order_1/repay HTTP/1.1", key, "content-length: 012"], 12, true),
        (["POST /v1/payments/order_1/repay HTTP/1.1", key, "X-Request-Id: a"], 0, true),
        (["\(page) HTTP/1.1"], 0, false),
        (["\(page)/ HTTP/1.1", key], 0, false),
        (["\(page)?a=[1]&b=\"|\" HTTP/1.1", key], 0, false),
        (["\(page) HTTP/1.1", key, key], 0, false),
        (["\(page) HTTP/1.1", key, "Connection: close"], 0, false),
        (["\(page) HTTP/1.1", key, "Connection: upgrade", "Upgrade: h2c"], 0, false),
        (["\(page) HTTP/1.1", key, "Proxy-Connection: keep-alive"], 0, false),
        (["\(page) HTTP/1.1", "\(key) \t"], 0, false),
        (["\(page) HTTP/1.0", key], 0, false),
        (["\(page) HTTP/1.1", key, "If-None-Match: x"], 0, false),
        (["\(page) HTTP/1.1", key, "ORIGIN: https://a"], 0, false),
        (["POST /v1/payments/order_1/repay HTTP/1.1", key, "Expect: 100-continue", "Content-Length: 7"], 7, false),
        (["POST /v1/payments/order_1/repay HTTP/1.1", key, "Idempotency-Key: k", "Content-Length: 7"], 7, false),
        (["HEAD /v1/payments/order_1/page HTTP/1.1", key], 0, false),
        (["OPTIONS /v1/payments/order_1/repay HTTP/1.1", key], 0, false),
        (["OPTIONS * HTTP/1.1"], 0, false), (["PUT /v1 HTTP/1.1"], 0, false),
        (["GET http://b:80/v1?x HTTP/1.1"], 0, false), (["GET HTTPS://b HTTP/1.1"], 0, false),
        (["POST /v1/payments HTTP/1.1", key, "Content-Length: 999999999"], 999_999_999, false),
    ]

    /// Refused heads with the reason. `HOST` is replaced by a `Host` field.
    static let refused: [(text: String, why: DoorRefusal)] =
        [
            "\(page) HTTP/1.1\n\(key)\r\nHOST\r\n", "\(page) HTTP/1.1\r\n\(key)\nHOST\r\n",
            "\(page) HTTP/1.1\r\n\(key)\r\r\nHOST\r\n", " \(page) HTTP/1.1\r\nHOST\r\n",
            "\(page)  HTTP/1.1\r\nHOST\r\n", "\(page) HTTP/2.0\r\nHOST\r\n", "\(page) http/1.1\r\nHOST\r\n",
            "\(page) HTTP/1.1 \r\nHOST\r\n", "\(page)\r\nHOST\r\n", "\(page)#x HTTP/1.1\r\nHOST\r\n",
            "\(page)\u{E9} HTTP/1.1\r\nHOST\r\n", "GET  /v1 HTTP/1.1\r\nHOST\r\n", "GET v1 HTTP/1.1\r\nHOST\r\n",
            "GET ftp://a/ HTTP/1.1\r\nHOST\r\n", "GET http:///v1 HTTP/1.1\r\nHOST\r\n",
            "GET http://u@a/ HTTP/1.1\r\nHOST\r\n", "PRI * HTTP/2.0\r\nHOST\r\n", "\u{16}\u{3}\u{1}",
            "\(page) HTTP/1.1\r\nA : b\r\nHOST\r\n", "\(page) HTTP/1.1\r\n A: b\r\nHOST\r\n",
            "\(page) HTTP/1.1\r\nA: b\r\n c\r\nHOST\r\n", "\(page) HTTP/1.1\r\n: b\r\nHOST\r\n",
            "\(page) HTTP/1.1\r\nA\r\nHOST\r\n", "\(page) HTTP/1.1\r\nA: \u{0}\r\nHOST\r\n",
            "\(page) HTTP/1.1\r\nA: \u{7F}\r\nHOST\r\n", "\(page) HTTP/1.1\r\nÄ: b\r\nHOST\r\n",
            "\(page) HTTP/1.0\r\nTransfer-Encoding: chunked\r\nHOST\r\n",
            "\(page) HTTP/1.1\r\ntransfer-encoding:identity\r\nHOST\r\n",
            "\(page) HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\nHOST\r\n",
            "\(page) HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\nHOST\r\n",
            "\(page) HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\nHOST\r\n",
            "\(page) HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\nHOST\r\n",
        ].map { ($0, .malformed) }
        + ["", "-1", "+1", "1,1", "1 1", "0x1", "1.0", "1e1", "1234567890123456789", "\u{661}"].map {
            ("\(page) HTTP/1.1\r\nContent-Length: \($0)\r\nHOST\r\n", .malformed)
        }
        + [
            "", "a b", "a/b", "u@a", "a,b", ":80", "a:b", "a:99999", "a:80:80", "[::1", "[::1]x", "[a]", "%4", "%zz",
            "\u{E9}", "http://a",
        ].map { ("\(page) HTTP/1.1\r\nHost: \($0)\r\n\r\n", .host) }
        + [
            ("\(page) HTTP/1.1\r\n\(key)\r\n\r\n", .host), ("\(page) HTTP/1.1\r\nHOSTHOST\r\n", .host),
            ("\(page) HTTP/1.0\r\nHOSTHOST\r\n", .host), ("\(page) HTTP/1.0\r\nHost: a b\r\n\r\n", .host),
            ("CONNECT a:1 HTTP/1.1\r\nHOST\r\n", .connect), ("CONNECT /v1 HTTP/1.0\r\n\r\n", .connect),
            ("\(page) HTTP/1.1\r\nExpect: x\r\nHOST\r\n", .expectation),
            ("\(page) HTTP/1.1\r\nExpect: 100-continue, x\r\nHOST\r\n", .expectation),
            ("\(page) HTTP/1.1\r\nX: " + String(repeating: "x", count: 16_384), .headTooLong),
            ("\(page) HTTP/1.1\r\nX: " + String(repeating: "x", count: 16_384) + "\r\nHOST\r\n", .headTooLong),
            ("\(page) HTTP/1.1\r\n" + String(repeating: "a:\r\n", count: 100) + "HOST\r\n", .headTooLong),
        ]

    private static func text(_ lines: [String]) -> String {
        (lines + ["Host: a"]).joined(separator: "\r\n") + "\r\n\r\n"
    }

    @Test func `a head's length, body length and lane are parsed from its bytes`() throws {
        for (lines, body, isFast) in Self.whole {
            let text = Self.text(lines)
            let head = try #require(Self.head(Array((text + "what follows").utf8)), "\(lines)")
            #expect(head.length == text.utf8.count, "\(lines)")
            #expect(head.body == .length(body), "\(lines)")
            #expect((FastRequest(head, in: ByteBuffer(string: text)) != nil) == isFast, "\(lines)")
        }
    }

    @Test(arguments: ["a", "a:80", "a:", "127.0.0.1:8080", "[::1]", "[::1]:80", "a_b.c-d", "%41.b"])
    func `a valid Host is accepted`(host: String) {
        #expect(Self.head(Array("\(Self.page) HTTP/1.1\r\nHost: \(host)\r\n\r\n".utf8)) != nil)
    }

    @Test(arguments: [
        (["\(page) HTTP/1.1"], true), (["\(page) HTTP/1.0"], false),
        (["\(page) HTTP/1.1", "Connection: close"], false),
        (["\(page) HTTP/1.1", "Connection: Close"], false), (["\(page) HTTP/1.1", "connection: TE ,CLOSE"], false),
        (["\(page) HTTP/1.1", "Connection: TE", "Connection: close"], false),
        (["\(page) HTTP/1.1", "Connection: closed"], true), (["\(page) HTTP/1.1", "Connection: Upgrade"], true),
        (["\(page) HTTP/1.0", "Connection: Keep-Alive"], true),
        (["\(page) HTTP/1.0", "Connection: TE, keep-alive"], true),
        (["\(page) HTTP/1.0", "Connection: keep-alive, close"], false),
        (["\(page) HTTP/1.1", "Proxy-Connection: close"], true),
    ])
    func `Connection is a list in any case`(lines: [String], keepsAlive: Bool) throws {
        let head = try #require(Self.head(Array(Self.text(lines).utf8)))
        #expect(head.keepsAlive == keepsAlive)
    }

    @Test func `the decoder sees HTTP 1_1 with a path and without hop-by-hop fields`() throws {
        let lines = [
            "GET http://b:1?x=1 HTTP/1.0", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: x",
            "Proxy-Connection: close", "X-Kept:  a  ",
        ]
        let rewritten = WireHead.rewritten(ByteBuffer(string: Self.text(lines) + "body"))
        #expect(rewritten.map { String(buffer: $0) } == "GET /?x=1 HTTP/1.1\r\nHost: b:1\r\nX-Kept: a\r\n\r\n")
    }

    @Test func `a field's value is parsed without surrounding whitespace`() throws {
        let text = "\(Self.page)?a=b HTTP/1.1\r\nHost: a\r\naccept: \t a, b\r\nAUTHORIZATION:Bearer key\r\n\r\n"
        let head = try #require(Self.head(Array(text.utf8)))
        let request = try #require(FastRequest(head, in: ByteBuffer(string: text)))
        #expect(request.accept == "a, b")
        #expect(request.authorization == "Bearer key")
        #expect(request.number.text == "order_1")
        #expect(request.query == "a=b")
    }

    @Test func `an incomplete head is neither accepted nor refused`() {
        for (lines, _, _) in Self.whole {
            let text = Array(Self.text(lines).utf8)
            for count in text.indices {
                guard case .incomplete = WireHead.read(ByteBuffer(bytes: text[..<count])) else {
                    Issue.record("\(lines) after \(count) bytes")
                    break
                }
            }
        }
    }

    @Test func `an unacceptable head is refused with its reason`() {
        for (text, why) in Self.refused {
            let text = text.replacing("HOST", with: "Host: a\r\n")
            guard case .refused(let found) = WireHead.read(ByteBuffer(string: text)), found == why else {
                Issue.record("\(text.prefix(200).debugDescription)")
                continue
            }
        }
    }

    /// Both lanes rely on this. Otherwise one request could hide in another, or stop the decoder.
    @Test func `the decoder finds the same requests as the front door, or refuses them`() throws {
        var dice = SplitMix(state: 0x5EED)
        var (read, agreed) = (0, 0)
        for _ in 0..<20_000 {
            let door = Framed(Mutation.bytes(of: Self.samples, &dice))
            guard door.heads > 0 else { continue }
            read += 1
            guard let decoded = try? Decoded(door.handedOn + (door.isAtBeginning ? Self.tail : [])) else { continue }
            agreed += 1
            let told = "\(String(decoding: door.handedOn, as: UTF8.self).debugDescription)"
            let tail = door.isAtBeginning ? 1 : 0
            #expect(decoded.heads.count == door.heads + tail, "\(told)")
            #expect(decoded.ends == door.ends + tail, "\(told)")
            if tail == 1 { #expect(decoded.heads.last?.uri == "/tail", "\(told)") }
            if let body = door.bodyLength { #expect(decoded.bodyLength == body, "\(told)") }
            for (fast, slow) in zip(door.requests, decoded.heads) {
                guard let fast else { continue }
                #expect(slow.uri.hasSuffix(fast.query), "\(told)")
                #expect(slow.headers["Authorization"] == [fast.authorization], "\(told)")
                #expect(slow.isKeepAlive, "\(told)")
            }
        }
        #expect(read > 5_000)
        #expect(agreed > 4_000)
    }

    private static let tail = Array("GET /tail HTTP/1.1\r\nHost: a\r\n\r\n".utf8)

    private static func head(_ bytes: [UInt8]) -> WireHead? {
        guard case .whole(let head) = WireHead.read(ByteBuffer(bytes: bytes)) else { return nil }
        return head
    }

    private static let samples: [[UInt8]] =
        whole.filter { $0.body < 100 }.map { Array((text($0.lines) + String(repeating: "x", count: $0.body)).utf8) }
        + ["2\r\nab\r\n0\r\n\r\n", "A;x=y\r\n0123456789\r\n1\r\n.\r\n0\r\nX: y\r\n\r\n"].map {
            Array((text(["POST /v1 HTTP/1.1", "Transfer-Encoding: chunked"]) + $0).utf8)
        }
}

/// The front door's parse of some bytes, with the bytes that it passes on.
private struct Framed {
    private(set) var handedOn: [UInt8] = []
    private(set) var heads = 0
    private(set) var ends = 0
    /// Nil if a body is chunked.
    private(set) var bodyLength: Int? = 0
    private(set) var requests: [FastRequest?] = []
    private(set) var isAtBeginning = true

    init(_ bytes: [UInt8]) {
        var framing = RequestFraming()
        var bytes = ByteBuffer(bytes: bytes)
        loop: while bytes.readableBytes > 0 {
            switch framing.next(bytes) {
            case .wait: break loop
            case .refuse: break loop
            case .skip(let count): bytes.moveReaderIndex(forwardBy: count)
            case .body(let count, let isEnd):
                handedOn += bytes.readBytes(length: count) ?? []
                bodyLength = bodyLength.map { $0 + count }
                if isEnd { ends += 1 }
            case .head(let head):
                heads += 1
                requests.append(FastRequest(head, in: bytes))
                let rewritten = head.needsRewriting ? WireHead.rewritten(bytes) : nil
                let own = bytes.readBytes(length: head.length) ?? []
                handedOn += rewritten.map { Array(buffer: $0) } ?? own
                if head.body == .chunked { bodyLength = nil }
                if !framing.consumed(head) { ends += 1 }
            }
        }
        isAtBeginning = framing.isAtBeginning
    }
}

/// The framework decoder's parse of some bytes.
private struct Decoded {
    private(set) var heads: [HTTPRequestHead] = []
    private(set) var bodyLength = 0
    private(set) var ends = 0

    init(_ bytes: [UInt8]) throws {
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

/// Damages requests in places where HTTP parsers are known to differ.
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
                // After a line, where a field may stand.
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
