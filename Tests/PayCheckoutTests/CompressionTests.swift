import HTTPTypes
import HummingbirdCore
import NIOCore
import Testing

@testable import PayCheckout
@testable import PayProviders

@Suite struct CompressionTests {
    @Test(arguments: [Gzip.Effort.quick, .smallest], [40, 1_000, 300_000])
    func `compressed bytes are whole after decompression`(effort: Gzip.Effort, count: Int) throws {
        let bytes = (0..<count).map { UInt8($0 % 7) }
        let compressed = try #require(Gzip.compressed(bytes, effort))
        #expect(compressed.count < bytes.count)
        #expect(compressed.starts(with: [0x1F, 0x8B]))
        let inflater = try Inflater(.gzip)
        #expect(try inflater.inflate(compressed[...], most: count + 1).output == bytes)
        #expect(inflater.isAtEnd)
    }

    @Test(arguments: [[], [1], Array(0...255)] as [[UInt8]])
    func `bytes that would not become smaller are left as they are`(bytes: [UInt8]) {
        #expect(Gzip.compressed(bytes, .smallest) == nil)
        let html = CheckoutHTML(String(decoding: bytes.prefix(1), as: UTF8.self), compressing: true)
        #expect(!html.isCompressed)
    }

    @Test(arguments: [
        ("gzip", true), ("gzip, deflate, br", true), ("br;q=1.0, GZIP ; q=0.5", true), ("x-gzip", true), ("*", true),
        ("deflate, *;q=0.1", true), ("gzip;q=0", false), ("gzip;q=0, *", false), ("*;q=0", false), ("identity", false),
        ("br", false), ("", false), ("gzipped", false), (";q=1", false), ("gzip;q=x", true),
    ])
    func `gzip is sent only to a client that accepts it`(header: String, isAccepted: Bool) {
        let head = HTTPRequest(
            method: .get, scheme: nil, authority: nil, path: "/", headerFields: [.acceptEncoding: header])
        #expect(Request(head: head, body: .init(buffer: ByteBuffer())).acceptsGzip == isAccepted)
    }

    @Test func `a client that names no encoding gets plain bytes`() {
        let head = HTTPRequest(method: .get, scheme: nil, authority: nil, path: "/")
        #expect(!Request(head: head, body: .init(buffer: ByteBuffer())).acceptsGzip)
    }
}
