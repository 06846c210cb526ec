import Foundation
import PayCore
import Testing

@Suite struct NetworkAddressTests {
    @Test(arguments: [
        ("203.0.113.7", "203.0.113.7"), ("2001:DB8:0:0::7", "2001:db8::7"), ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::FFFF:CB00:7107", "203.0.113.7"), ("::", "::"), ("0.0.0.0", "0.0.0.0"),
        ("255.255.255.255", "255.255.255.255"),
        ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"), ("1::8", "1::8"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:0:0:2:0:0:3:4", "1::2:0:0:3:4"), ("1::", "1::"), ("::1", "::1"),
        ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"), ("1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"), ("0001:0:0:0:0:0:0:000a", "1::a"),
        ("", nil), ("localhost", nil), ("203.0.113.256", nil), ("203.0.113", nil), ("203.0.113.7.1", nil),
        ("203.0.113.07", nil), ("203.0.113.00", nil), ("0x7f.0.0.1", nil), ("127.1", nil), (".1.2.3", nil),
        ("1.2.3.", nil), ("1..2.3", nil), ("+1.2.3.4", nil), ("203.0.113.7:80", nil), ("[::1]", nil),
        ("203.0.113.7 ", nil), (" 203.0.113.7", nil), ("203.0.113.7\u{0}", nil), ("٣.0.0.1", nil),
        (String(repeating: "1", count: 46), nil), ("1:2:3:4:5:6:7:8:9", nil), ("1:2:3:4:5:6:7", nil),
        ("1:2:3:4:5:6:7:8::", nil), ("1:2:3:4::5:6:7:8", nil), (":::", nil), ("1:::2", nil), ("::1::", nil),
        (":1:2:3:4:5:6:7", nil), ("1:2:3:4:5:6:7:", nil), ("12345::", nil), ("g::", nil), ("::1%eth0", nil),
        ("1:2:3:4:5:6:7:192.0.2.1", nil), ("192.0.2.1::", nil), ("::192.0.2", nil), (":", nil), ("1:", nil),
    ])
    func `an address is IPv4 or IPv6 in one spelling, and nothing around it`(text: String, spelling: String?) {
        #expect(NetworkAddress(text)?.description == spelling)
    }

    @Test(arguments: [
        ("203.0.113.7", "203.0.113.7"), ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::ffff", "2001:db8:1:2::/64"), ("2001:db8:1:3::", "2001:db8:1:3::/64"), ("::1", "::/64"),
    ])
    func `limits count IPv4 whole and IPv6 by 64 bits`(text: String, network: String) {
        #expect(NetworkAddress(text)?.network == network)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("127.255.255.255", true), ("::1", true), ("::ffff:127.0.0.1", true),
        ("::ffff:7f00:1", true), ("126.255.255.255", false), ("128.0.0.0", false), ("0.0.0.0", false), ("::", false),
        ("::2", false), ("1::1", false), ("::7f00:1", false), ("10.127.0.1", false), ("fe80::1", false),
    ])
    func `loopback is 127.0.0.0 with 8 bits, and ::1`(text: String, isLoopback: Bool) {
        #expect(NetworkAddress(text)?.isLoopback == isLoopback)
    }

    @Test(arguments: [
        ("10.0.0.7", "10.0.0.7"), ("10.1.2.3/8", "10.0.0.0/8"), ("10.0.0.7/32", "10.0.0.7"), ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:DB8::7/32", "2001:db8::/32"), ("::1/128", "::1"), ("::/0", "::/0"),
        ("::ffff:10.9.9.9/104", "10.0.0.0/8"),
        ("10.0.0.0/33", nil), ("::1/129", nil), ("10.0.0.0/", nil), ("10.0.0.0/-1", nil), ("10.0.0.0/+8", nil),
        ("10.0.0.0/8/8", nil), ("/8", nil), ("10.0.0.0/255.0.0.0", nil), ("proxy", nil), ("", nil),
        ("10.0.0.0/99999999999999999999", nil),
    ])
    func `a range is an address with a prefix length`(text: String, spelling: String?) {
        #expect(AddressRange(text)?.description == spelling)
    }

    /// Texts near addresses: pieces of them, put together by chance.
    private static func text(_ random: inout some RandomNumberGenerator) -> String {
        let pieces = ["::", ":", ".", "0", "1", "7f", "ffff", "255", "256", "10", "abcd", "127.0.0.1", "0:0", "00"]
        return (0..<Int.random(in: 1...14, using: &random)).map { _ in pieces.randomElement(using: &random)! }.joined()
    }

    @Test func `the same texts are addresses as for the system's parser, and the same addresses`() {
        var random = SystemRandomNumberGenerator()
        var addresses = 0
        for _ in 0..<30_000 {
            let text = Self.text(&random)
            let expected = Self.bySystem(text)
            #expect((NetworkAddress(text) == nil) == (expected == nil), "\(text)")
            guard let expected, let ours = NetworkAddress(text) else { continue }
            addresses += 1
            #expect(Self.bySystem("\(ours)") == expected, "\(text)")
        }
        #expect(addresses > 100)
    }

    /// The 16 bytes of the IPv6 form, of IPv4 the mapped one.
    private static func bySystem(_ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            return [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF] + bytes.prefix(4)
        }
        return inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
    }
}
