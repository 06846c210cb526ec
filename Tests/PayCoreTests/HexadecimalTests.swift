import PayCore
import Testing

@Suite struct HexadecimalTests {
    @Test func `every byte is two digits in lower case, and is read back`() {
        let bytes = Array(UInt8.min ... .max)
        let text = Hexadecimal.text(of: bytes)
        #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff") && text.utf8.count == 512)
        #expect(Hexadecimal.bytes(256, ofLowercase: text) == bytes)
    }

    @Test(
        arguments: [
            ("00ff", [0x00, 0xFF]), ("", nil), ("00f", nil), ("00fff", nil), ("00FF", nil), ("00fg", nil),
            ("00 f", nil),
            ("00f\u{E9}", nil), ("0x00", nil), ("00ff00", nil), ("00：：", nil),
        ] as [(String, [UInt8]?)])
    func `a text is read whole, in lower case and at its length`(text: String, bytes: [UInt8]?) {
        #expect(Hexadecimal.bytes(2, ofLowercase: text) == bytes)
    }

    @Test func `a digit is read in either case, and any other byte is none`() {
        let digits = (UInt8.min ... .max).filter { Hexadecimal.value($0) != nil }
        #expect(String(decoding: digits, as: UTF8.self) == "0123456789ABCDEFabcdef")
        for value: UInt8 in 0..<16 {
            #expect(Hexadecimal.value(Hexadecimal.digit(value)) == value)
            #expect(Hexadecimal.value(Hexadecimal.uppercaseDigit(value)) == value)
            #expect(!Hexadecimal.uppercaseDigit(value).isASCIILowercase && !Hexadecimal.digit(value).isASCIIUppercase)
        }
    }

    @Test func `a digit is that of the lowest four bits`() {
        #expect(Hexadecimal.digit(0xABCD as UInt64) == UInt8(ascii: "d"))
        #expect(Hexadecimal.uppercaseDigit(0xABCD as UInt64) == UInt8(ascii: "D"))
    }
}

@Suite struct PercentEncodingTests {
    @Test(arguments: [
        ("", ""), ("azAZ09-._~", "azAZ09-._~"), ("a b+c", "a%20b%2Bc"), ("*'()!", "%2A%27%28%29%21"),
        ("é茶", "%C3%A9%E8%8C%B6"), ("%41", "%2541"), ("\u{0}\u{7F}\n", "%00%7F%0A"), ("a=1&b/c?", "a%3D1%26b%2Fc%3F"),
    ])
    func `all bytes but the unreserved ones are encoded`(text: String, encoded: String) {
        #expect(text.percentEncoded == encoded)
        #expect(encoded.isPercentEncoded)
        #expect(encoded.percentDecoded == text)
    }

    @Test(arguments: [
        ("%e8%8c%b6", "茶"), ("a+b", "a+b"), ("a b", "a b"), ("%", nil), ("%2", nil), ("%2g", nil), ("%FF", nil),
        ("%E8%8C", nil), ("%2541", "%41"),
    ])
    func `a text is decoded once, if its escapes are whole and its bytes are UTF-8`(encoded: String, text: String?) {
        #expect(encoded.percentDecoded == text)
    }

    @Test(arguments: [
        ("https://shop.example/a?b=c#d", true), ("%20%eF", true), ("", true), ("%", false), ("%2", false),
        ("%2g", false), ("a b", false), ("a\\b", false), ("<", false), ("{", false), ("é", false), ("\"", false),
    ])
    func `text of a URL has its characters and whole escapes`(text: String, isEncoded: Bool) {
        #expect(text.isPercentEncoded == isEncoded)
    }
}
