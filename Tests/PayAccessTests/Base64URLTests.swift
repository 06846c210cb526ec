import Testing

@testable import PayAccess

@Suite struct Base64URLTests {
    @Test(
        arguments: [
            ([], ""), ([0x66], "Zg"), ([0x66, 0x6F], "Zm8"), ([0x66, 0x6F, 0x6F], "Zm9v"),
            ([0xFB, 0xFF, 0xBF], "-_-_"),
            ([0xFF], "_w"), ([0, 0, 0, 0], "AAAAAA"),
        ] as [([UInt8], String)])
    func `bytes have one Base64URL spelling`(bytes: [UInt8], text: String) {
        #expect(Base64URL.encode(bytes) == text)
        #expect(Base64URL.decode(text.utf8) == bytes)
    }

    @Test func `any bytes in Base64URL decode to the same bytes`() {
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ count) }
            #expect(Base64URL.decode(Base64URL.encode(bytes).utf8) == bytes)
        }
    }

    @Test(arguments: ["Z", "Zg==", "Zh", "Zm9", "Zm9vY", "Zm9+", "Zm9/", "Zm 9v", "Zm9v\n", "Zé", "="])
    func `a non-canonical Base64URL text is refused`(text: String) {
        #expect(Base64URL.decode(text.utf8) == nil)
    }
}
