/// Writes JSON strings (RFC 8259, section 7).
extension [UInt8] {
    /// The text in quotes.
    package mutating func appendJSON(_ text: String) {
        var text = text
        text.withUTF8 { appendJSON(UnsafeRawBufferPointer($0)) }
    }

    /// The text of bytes in UTF-8, in quotes.
    package mutating func appendJSON(_ text: UnsafeRawBufferPointer) {
        append(UInt8(ascii: "\""))
        appendEscaped(text)
        append(UInt8(ascii: "\""))
    }

    /// Few characters need an escape. The text between them is copied unchanged.
    private mutating func appendEscaped(_ bytes: UnsafeRawBufferPointer) {
        var plain = 0
        while let place = TextBytes.firstEscaped(in: bytes, from: plain) {
            append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[plain..<place]))
            appendEscape(of: bytes[place])
            plain = place + 1
        }
        append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[plain...]))
    }

    private mutating func appendEscape(of byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        case 0..<0x20:
            self += (byte < 0x10 ? "u000" : "u001").utf8
            append(Hexadecimal.digit(byte))
        default: append(byte)
        }
    }
}
