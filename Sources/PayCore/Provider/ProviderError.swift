/// A provider's own error code and message in an answer that decides nothing. Both are bounded and safe to log.
public struct ProviderError: Hashable, Sendable {
    /// How much an error matters to the operator. The rules treat every weight as unknown.
    public enum Weight: Hashable, Sendable {
        /// The request may have succeeded, or may succeed when it is sent again.
        case undecided
        /// A definite refusal that settles nothing: no table contains its code, or the code is not about this call. It
        /// never proves that nothing was done.
        case refusal
        /// Refused until a person acts: the merchant's balance is too low, the trade is frozen, or the payer's bank
        /// rejected the money.
        case balance
    }

    /// The code of an error whose own code has no valid character.
    public static let unnamed = "UNNAMED"

    private static let longestCode = 64
    private static let longestMessage = 120
    /// A word with this many letters and digits may be a key or a token.
    private static let longestWord = 24
    /// The prefixes of providers' keys, whatever their length.
    private static let keyPrefixes = ["sk_", "rk_", "whsec_"]

    public let code: String
    /// The provider's text for people; nil if it has none.
    public let message: String?
    public let weight: Weight

    public init(code: String, message: String? = nil, weight: Weight = .undecided) {
        self.code = Self.plainCode(code)
        self.message = message.flatMap(Self.plainMessage)
        self.weight = weight
    }

    /// The same error with another weight.
    public func weighing(_ weight: Weight) -> ProviderError {
        ProviderError(code: code, message: message, weight: weight)
    }

    /// Letters, digits, and the characters that join them.
    private static func plainCode(_ code: String) -> String {
        let kept = code.unicodeScalars.lazy.filter(\.isCodeCharacter).prefix(longestCode)
        return kept.isEmpty ? unnamed : String(String.UnicodeScalarView(kept))
    }

    /// The message without control characters and possible secrets. Nil if nothing is left.
    private static func plainMessage(_ message: String) -> String? {
        var text = String.UnicodeScalarView()
        var word = String.UnicodeScalarView()
        func endWord() {
            let isSecret = word.count > longestWord || keyPrefixes.contains { String(word).hasPrefix($0) }
            text.append(contentsOf: isSecret ? "…".unicodeScalars : word)
            word.removeAll()
        }
        // Reads four times the stored length: omitted words make room for later ones.
        for scalar in message.unicodeScalars.prefix(4 * longestMessage) {
            if scalar.isTokenCharacter {
                word.append(scalar)
                continue
            }
            endWord()
            text.append(scalar.isPrinted ? scalar : " ")
        }
        endWord()
        let kept = String(String.UnicodeScalarView(text.prefix(longestMessage)))
        return kept.allSatisfy(\.isWhitespace) ? nil : kept
    }
}

extension Unicode.Scalar {
    fileprivate var isCodeCharacter: Bool { isASCIIAlphanumeric(or: "._-") }

    /// The characters of keys and tokens.
    fileprivate var isTokenCharacter: Bool { isASCIIAlphanumeric(or: "_-+/=") }

    fileprivate var isPrinted: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}
