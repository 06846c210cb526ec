import NIOCore
import PayTestSupport
import Testing

@testable import FrontDoor

/// The boundaries of the requests on a connection.
@Suite struct RequestFramingTests {
    private static func request(_ method: String, _ fields: [String] = [], _ body: String = "") -> String {
        (["\(method) /v1/x HTTP/1.1", "Host: a"] + fields).joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    private static let kinds = [
        request("GET"), request("POST", ["Content-Length: 2"], "{}"), request("PUT", ["Connection: close"]),
        request("POST", ["Content-Length: 600"], String(repeating: " ", count: 600)),
        request("POST", ["Transfer-Encoding: chunked"], "2\r\n{}\r\n0\r\n\r\n"),
        request("POST", ["Transfer-Encoding: chunked"], "1;a=b\r\n{\r\n1\r\n}\r\n000\r\nX: y\r\nZ: z\r\n\r\n"),
    ]

    @Test func `request boundaries do not depend on how the bytes arrive`() {
        var dice = SplitMix(state: 0x5EED)
        for _ in 0..<500 {
            let order = (0..<6).map { _ in Self.kinds.randomElement(using: &dice)! }
            #expect(Self.requests(in: order.joined(), &dice) == order)
        }
    }

    @Test func `empty lines before a request are skipped`() {
        var dice = SplitMix(state: 0x5EED)
        let text = "\r\n\r\n" + Self.kinds[0] + "\r\n" + Self.kinds[1] + "\r\n"
        #expect(Self.requests(in: text, &dice) == [Self.kinds[0], Self.kinds[1]])
    }

    @Test(arguments: [
        "\r\n", "x\r\n", "-1\r\n", " 1\r\n", "1 \r\n", "1\n", "1\rx", "123456789\r\n", ";x\r\n", "1;\n", "1;a\u{0}",
        "1\r\nab", "1\r\na\n", "1\r\na\r\r", "0\r\nA: b\n", "0\r\n\rx", "0\r\n\u{0}",
        "1;" + String(repeating: "x", count: 4_096) + "y", "0\r\n" + String(repeating: "a: b\r\n", count: 1_025),
    ])
    func `a body that violates its chunked encoding is refused`(body: String) {
        var chunks = ChunkedBody()
        let read = Array(body.utf8).withUnsafeBytes { chunks.read($0) }
        #expect(read == nil)
    }

    @Test(arguments: [
        request("GET"), request("GET", (1...90).map { "X-\($0): y" }),
        request("GET", ["X: " + String(repeating: "y", count: 15_000)]),
    ])
    func `a head that arrives byte by byte is read anew at the end of a line only`(head: String) {
        var (framing, bytes, isWhole) = (RequestFraming(), ByteBuffer(), false)
        for byte in head.utf8 {
            bytes.writeInteger(byte)
            if case .head = framing.next(bytes) { isWhole = true }
        }
        #expect(isWhole)
        // The first byte, and the end of each line.
        #expect(framing.headReadings == 1 + head.utf8.count { $0 == UInt8(ascii: "\n") })
    }

    /// The requests of a connection whose bytes arrive in pieces of random size.
    private static func requests(in text: String, _ dice: inout SplitMix) -> [String] {
        var framing = RequestFraming()
        var (requests, request) = ([String](), "")
        var (coming, bytes) = (ByteBuffer(string: text), ByteBuffer())
        while let more = coming.readSlice(length: min(coming.readableBytes, .random(in: 1...60, using: &dice))),
            more.readableBytes > 0
        {
            bytes.writeImmutableBuffer(more)
            loop: while bytes.readableBytes > 0 {
                var isEnd = false
                switch framing.next(bytes) {
                case .wait: break loop
                case .refuse(let why): return ["\(why)"]
                case .skip(let count): bytes.moveReaderIndex(forwardBy: count)
                case .head(let head):
                    request += bytes.readString(length: head.length) ?? ""
                    isEnd = !framing.consumed(head)
                case .body(let count, let isLast):
                    request += bytes.readString(length: count) ?? ""
                    isEnd = isLast
                }
                if isEnd {
                    requests.append(request)
                    request = ""
                }
            }
        }
        return requests
    }
}
