import PayCore
import Testing

@Suite struct WebAddressTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let url: String
        /// Nil where the URL is refused.
        let host: String?
        let isLoopback: Bool

        init(_ url: String, _ host: String?, loopback: Bool = false) {
            (self.url, self.host, isLoopback) = (url, host, loopback)
        }

        var testDescription: String { url }
    }

    @Test(arguments: [
        Case("http://localhost", "localhost", loopback: true),
        Case("http://LOCALHOST:8080/", "localhost", loopback: true),
        Case("http://127.0.0.1/x", "127.0.0.1", loopback: true),
        Case("http://127.9.9.9:1", "127.9.9.9", loopback: true),
        Case("http://[::1]", "::1", loopback: true),
        Case("http://[0:0:0:0:0:0:0:1]:80/", "::1", loopback: true),
        Case("http://[::ffff:127.0.0.1]", "127.0.0.1", loopback: true),
        Case("http://[::FFFF:7F00:1]/", "127.0.0.1", loopback: true),
        Case("http://127.0.0.1.evil.com", "127.0.0.1.evil.com"),
        Case("http://localhost.evil.com", "localhost.evil.com"),
        Case("http://shop.localhost", "shop.localhost"),
        Case("http://notlocalhost", "notlocalhost"),
        Case("http://evil.com/127.0.0.1", "evil.com"),
        Case("http://evil.com?@127.0.0.1/", "evil.com"),
        Case("http://evil.com#@localhost", "evil.com"),
        Case("http://0.0.0.0", "0.0.0.0"),
        Case("http://128.0.0.1", "128.0.0.1"),
        Case("http://[::2]", "::2"),
        Case("HTTPS://Shop.Example.COM:8443/A?B#C", "shop.example.com"),
        Case("https://my_shop-1.example", "my_shop-1.example"),
        Case("https://xn--bcher-kva.example/", "xn--bcher-kva.example"),
        Case("http://127.1", nil), Case("http://2130706433/", nil), Case("http://0x7f000001/", nil),
        Case("http://0x7f.1/", nil), Case("http://0X7F000001/", nil), Case("http://127.0.0.01", nil),
        Case("http://017700000001", nil), Case("http://127.0.0.1./", nil), Case("http://localhost./", nil),
        Case("http://shop.example./", nil), Case("http://.localhost", nil), Case("http://a..b", nil),
        Case("http://127.0.0.1@evil.com", nil), Case("http://127.0.0.1:80@evil.com/", nil),
        Case("http://user:word@localhost/", nil), Case("https://@shop.example/", nil),
        Case("http://localhost\\@evil.com/", nil), Case("http://evil.com\\.localhost/", nil),
        Case("http:\\\\localhost/", nil), Case("https://shop.example/a\\b", nil),
        Case("http://::1/", nil), Case("http://[::1/", nil), Case("http://[::1]x/", nil),
        Case("http://[127.0.0.1]", nil),
        Case("http://[localhost]/", nil), Case("http://[]", nil), Case("http://[::1%25eth0]/", nil),
        Case("http://%6c%6f/", nil), Case("http://localho%73t/", nil), Case("http://loc\u{AD}alhost/", nil),
        Case("http://ｌocalhost/", nil), Case("http://主机/", nil), Case("http://local host/", nil),
        Case("http://localhost\t/", nil), Case("http://localhost\u{0}/", nil), Case(" http://localhost/", nil),
        Case("http://localhost:/", nil), Case("http://localhost:0/", nil), Case("http://localhost:65536/", nil),
        Case("http://localhost:80:90/", nil), Case("http://localhost:8a/", nil), Case("http://localhost:-1/", nil),
        Case("http://*.example/", nil), Case("http://a,b/", nil), Case("http://-a/", nil), Case("http://a-/", nil),
        Case("", nil), Case("http", nil), Case("http:", nil), Case("http:/localhost", nil), Case("http://", nil),
        Case("http:///localhost", nil), Case("//localhost/", nil), Case("localhost:8080", nil), Case("/x", nil),
        Case("ftp://localhost/", nil), Case("javascript://localhost/%0Aalert(1)", nil), Case("httpx://localhost", nil),
        Case("javascript:alert(1)", nil), Case("data:text/html,http://localhost", nil),
    ])
    func `a URL has one host for all its readers, or is refused`(_ row: Case) {
        let address = WebAddress(row.url)
        #expect(address?.host.description == row.host)
        #expect(address?.isLoopback ?? false == row.isLoopback)
        #expect(address?.isProtected ?? false == (row.host != nil && (row.isLoopback || address?.scheme == .https)))
    }

    @Test func `the parts of a URL are as they were written`() throws {
        let whole = try #require(WebAddress("HTTPS://Shop.example:8443/A%20b//?q=/x?#f?#"))
        #expect(whole.scheme == .https && whole.port == 8_443 && whole.path == "/A%20b//")
        #expect(whole.query == "q=/x?" && whole.fragment == "f?#" && whole.origin == "https://shop.example:8443")
        let short = try #require(WebAddress("http://[2001:DB8::7]"))
        #expect(short.port == nil && short.path == "" && short.query == nil && short.fragment == nil)
        #expect(short.origin == "http://[2001:db8::7]")
        let empty = try #require(WebAddress("http://[::ffff:10.0.0.7]?#"))
        #expect(empty.path == "" && empty.query == "" && empty.fragment == "" && empty.origin == "http://10.0.0.7")
    }

    @Test(
        arguments: [
            ("shop.example", .notAbsolute), ("https://", .notAbsolute), ("https://a b", .notAbsolute),
            ("https://a\\b", .notAbsolute), ("https://me@shop.example", .userOrPassword),
            ("https://shop.example:0", .hostOrPort), ("https://127.1", .hostOrPort),
        ] as [(String, WebAddress.Flaw)])
    func `a refusal says what is wrong with the URL`(text: String, flaw: WebAddress.Flaw) {
        #expect(throws: flaw) { try WebAddress(parsing: text) }
    }

    @Test(arguments: [
        ("localhost", "localhost"), ("Shop.Example.COM", "shop.example.com"), ("10.0.0.7", "10.0.0.7"),
        ("2001:0DB8:0::7", "2001:db8::7"), ("my_host-1", "my_host-1"), ("0xy", "0xy"), ("1a.2b", "1a.2b"),
        ("", nil), (".", nil), ("a..b", nil), ("a.", nil), ("-a", nil), ("a-", nil), ("*.example.com", nil),
        ("a b", nil), ("300.0.0.1", nil), ("127.1", nil), ("[::1]", nil), ("::1::", nil), ("a:80", nil), ("a/b", nil),
        ("bücher.example", nil), ("1.2.3.4\u{0}", nil), ("a.0x1", nil), (String(repeating: "a", count: 64), nil),
        (Array(repeating: "abc", count: 64).joined(separator: "."), nil),
    ])
    func `a host is spelled one way`(text: String, plain: String?) {
        #expect(WebHost(text)?.description == plain)
    }
}
