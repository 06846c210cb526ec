package import PayCore

extension Terminal {
    /// The terminal's bit in `pages.serves`. The values are stored, and never change.
    package var bit: Int64 {
        switch self {
        case .pc: 1
        case .h5: 2
        case .app: 4
        case .jsapi: 8
        case .mini: 16
        }
    }

    /// The terminals whose bits are set; nil for a number that has none of them, or any other bit.
    package static func terminals(ofBits bits: Int64) -> Set<Terminal>? {
        guard (1...everyBit).contains(bits) else { return nil }
        return Set(allCases.filter { bits & $0.bit != 0 })
    }

    private static let everyBit: Int64 = 31
}

extension Set<Terminal> {
    package var bits: Int64 { reduce(0) { $0 | $1.bit } }
}
