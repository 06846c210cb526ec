extension UInt8 {
    /// The hexadecimal digit of the lowest four bits, in lower case.
    package static func hexDigit(_ number: UInt64) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: number & 0xF)
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}

extension Sequence<UInt8> {
    /// Two hexadecimal digits a byte, in lower case.
    package var hexText: String {
        String(decoding: flatMap { [.hexDigit(UInt64($0 >> 4)), .hexDigit(UInt64($0))] as [UInt8] }, as: UTF8.self)
    }
}
