import PayCore
import Synchronization

/// The id of a request in its response, in the log and in a problem's `instance`. It is the caller's own id, or a new
/// UUID.
package struct RequestIdentifier: Hashable, Sendable, CustomStringConvertible {
    /// The longest id that is accepted from a caller, in characters.
    private static let longestGiven = 64
    /// UUIDs must be unique, not secret. The system provides one random number per process; SplitMix64 derives the
    /// rest.
    private static let state = Atomic<UInt64>(.random(in: .min ... .max))
    private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

    package let description: String

    /// A new random id.
    package init() {
        let drawn = Self.state.wrappingAdd(2 &* Self.step, ordering: .relaxed).newValue
        // Version 4, variant 1 (RFC 9562). The other 122 bits are pseudorandom.
        let high = Self.mixed(drawn) & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
        let low = Self.mixed(drawn &+ Self.step) & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        description = String(unsafeUninitializedCapacity: 36) { text in
            var place = 0
            for index in 0..<32 {
                if index == 8 || index == 12 || index == 16 || index == 20 {
                    text[place] = UInt8(ascii: "-")
                    place += 1
                }
                let half = index < 16 ? high : low
                text[place] = Hexadecimal.digit(half >> UInt64(60 - 4 * (index % 16)))
                place += 1
            }
            return place
        }
    }

    /// Accepts a caller's id. Nil if it is too long or is not a single word of visible ASCII.
    package init?(given: String) {
        guard given.isVisibleASCII(1...Self.longestGiven) else { return nil }
        description = given
    }

    private static func mixed(_ state: UInt64) -> UInt64 {
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
