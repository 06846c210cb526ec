/// Generated secrets, for settings that are not set.
enum RandomSecret {
    private static let byteCount = 32

    /// 256 random bits in hexadecimal.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<byteCount).map { _ in
            let byte = String(UInt8.random(in: .min ... .max, using: &generator), radix: 16)
            return byte.count == 1 ? "0\(byte)" : byte
        }.joined()
    }
}
