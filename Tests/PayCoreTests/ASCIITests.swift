import PayCore
import Testing

@Suite struct ASCIITests {
    private func bytes(_ isOfKind: (UInt8) -> Bool) -> String {
        String(decoding: (UInt8.min ... .max).filter(isOfKind), as: UTF8.self)
    }

    private static let digits = "0123456789"
    private static let upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    private static let lower = "abcdefghijklmnopqrstuvwxyz"

    @Test func `each kind of byte holds the characters that it names, and no others`() {
        #expect(bytes(\.isASCIIDigit) == Self.digits)
        #expect(bytes(\.isASCIIUppercase) == Self.upper)
        #expect(bytes(\.isASCIILowercase) == Self.lower)
        #expect(bytes(\.isASCIIAlphanumeric) == Self.digits + Self.upper + Self.lower)
        #expect(bytes(\.isASCIIWord) == Self.digits + Self.upper + "_" + Self.lower)
        #expect(bytes(\.isURLUnreserved) == "-." + Self.digits + Self.upper + "_" + Self.lower + "~")
        #expect(bytes(\.isHTTPToken) == "!#$%&'*+-." + Self.digits + Self.upper + "^_`" + Self.lower + "|~")
        #expect((UInt8.min ... .max).filter(\.isVisibleASCII) == Array(0x21...0x7E))
    }

    @Test(arguments: [
        ("0", true), ("0123456789", true), ("", false), (" 1", false), ("-1", false), ("+1", false), ("1.0", false),
        ("٣", false), ("１", false), ("1\u{0}", false),
    ])
    func `digits are ASCII digits, at least one`(text: String, isDigits: Bool) {
        #expect(text.isASCIIDigits == isDigits)
    }

    @Test(arguments: [
        ("!", true), ("~", true), ("a~!b", true), ("", false), (" ", false), ("a b", false), ("a\n", false),
        ("\u{7F}", false), ("é", false), ("\u{0}", false), ("12345", false),
    ])
    func `visible text is ASCII between blank and delete, of a bounded length`(text: String, isVisible: Bool) {
        #expect(text.isVisibleASCII(1...4) == isVisible)
    }

    @Test(arguments: [
        ("aZ9", true), ("a-b_c", true), ("", false), ("a.b", false), ("aé", false), ("123456", false),
    ])
    func `alphanumeric text takes the extra characters that it names`(text: String, isTaken: Bool) {
        #expect(text.isASCIIAlphanumeric(or: "-_", 1...5) == isTaken)
    }

    @Test func `a scalar outside of ASCII is not alphanumeric, unless it is named`() {
        #expect("é".unicodeScalars.allSatisfy { !$0.isASCIIAlphanumeric(or: "-") })
        #expect("é-a0Z".unicodeScalars.allSatisfy { $0.isASCIIAlphanumeric(or: "-é") })
    }

    @Test(
        arguments: [("", 0), ("0", 0), ("007", 7), ("999999999999999999", 999_999_999_999_999_999)] as [(String, Int64)]
    )
    func `decimal digits are a number`(digits: String, number: Int64) {
        #expect(digits.utf8.decimalNumber == number)
    }
}
