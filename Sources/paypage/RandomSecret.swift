import PayCore

/// Generated secrets, for settings that are not set.
enum RandomSecret {
    private static let byteCount = 32

    /// 256 random bits in hexadecimal.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return Hexadecimal.text(of: (0..<byteCount).map { _ in .random(in: .min ... .max, using: &generator) })
    }
}
