import Foundation

/// A colour, written `#RRGGBB`.
package struct CheckoutColor: Hashable, Sendable {
    let red: UInt8
    let green: UInt8
    let blue: UInt8

    /// Nil if the text is not a number sign and six hexadecimal digits.
    package init?(_ text: String) {
        let digits = text.utf8.dropFirst()
        guard text.utf8.first == UInt8(ascii: "#"), digits.count == 6,
            digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
            let number = UInt32(text.dropFirst(), radix: 16)
        else { return nil }
        self.init(number)
    }

    init(_ number: UInt32) {
        red = UInt8(truncatingIfNeeded: number >> 16)
        green = UInt8(truncatingIfNeeded: number >> 8)
        blue = UInt8(truncatingIfNeeded: number)
    }

    private init(_ channels: [UInt8]) {
        (red, green, blue) = (channels[0], channels[1], channels[2])
    }

    static let black = CheckoutColor(0x000000)
    static let white = CheckoutColor(0xFFFFFF)

    var text: String {
        "#"
            + channels.map { channel in
                let digits = String(channel, radix: 16)
                return digits.count < 2 ? "0\(digits)" : digits
            }.joined()
    }

    private var channels: [UInt8] { [red, green, blue] }

    /// The relative luminance of WCAG 2.2, from 0 (black) to 1 (white).
    private var luminance: Double {
        let linear = channels.map { channel in
            let share = Double(channel) / 255
            return share <= 0.04045 ? share / 12.92 : pow((share + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }

    /// The contrast ratio of WCAG 2.2, from 1 to 21. Text needs 4.5.
    func contrast(with other: CheckoutColor) -> Double {
        let (one, two) = (luminance, other.luminance)
        return (max(one, two) + 0.05) / (min(one, two) + 0.05)
    }

    /// This colour with a share (0 to 1) of another one.
    func mixed(with other: CheckoutColor, _ share: Double) -> CheckoutColor {
        CheckoutColor(
            zip(channels, other.channels).map { UInt8((Double($0) * (1 - share) + Double($1) * share).rounded()) })
    }
}
