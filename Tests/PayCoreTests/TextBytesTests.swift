import PayCore
import Testing

@Suite struct TextBytesTests {
    /// Texts in UTF-8, and bytes that are none: broken off, too long, half of a pair, beyond Unicode.
    private static let sequences: [[UInt8]] = [
        [], [0x00], [0x22], [0x5C], [0x7F], [0xC3, 0xA9], [0xE4, 0xB8, 0xAD], [0xF0, 0x9F, 0x98, 0x80],
        [0xEF, 0xBF, 0xBD], [0xE4, 0xB8, 0xAD, 0xE6, 0x96, 0x87], [0x80], [0xFF], [0xC3], [0xE4, 0xB8],
        [0xF0, 0x9F, 0x98], [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
        [0xE4, 0x41, 0xB8, 0xAD], [0xC3, 0xC3, 0xA9], [0xE4, 0xB8, 0xAD, 0x80],
    ]

    private func text(_ bytes: [UInt8]) -> String? { bytes.withUnsafeBytes { String(utf8: $0) } }

    @Test(arguments: sequences, sequences)
    func `bytes are a text where Swift finds them valid, at each place`(first: [UInt8], second: [UInt8]) {
        for place in 0..<18 {
            for distance in [0, 1, 7, 8] {
                let bytes =
                    Array(repeating: UInt8(ascii: "a"), count: place) + first
                    + Array(repeating: UInt8(ascii: "b"), count: distance) + second
                #expect(text(bytes) == String(validating: bytes, as: UTF8.self), "\(bytes)")
            }
        }
    }

    @Test func `a JSON string is read back, with each byte of ASCII at each place`() {
        for byte in UInt8.min...0x7F {
            for place in 0..<18 {
                let text = String(repeating: "a", count: place) + String(Unicode.Scalar(byte)) + "中b"
                var json: [UInt8] = []
                json.appendJSON(text)
                #expect(JSONDocument(json)?.root == .text(text))
                #expect(!json.dropFirst().dropLast().contains { $0 < 0x20 })
            }
        }
    }

    @Test(arguments: [0x00, 0x09, 0x0A, 0x1F] as [UInt8])
    func `a control character in a JSON string is an error, at each place`(byte: UInt8) {
        for place in 0..<18 {
            let json = [0x22] + Array(repeating: UInt8(ascii: "a"), count: place) + [byte, 0x22]
            #expect(JSONDocument(json) == nil)
        }
    }
}
