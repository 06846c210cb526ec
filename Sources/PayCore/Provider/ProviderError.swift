/// A provider's own words in an error that decides nothing. Both are bounded and safe to log.
public struct ProviderError: Hashable, Sendable {
    /// How much an error matters to a person. The rules treat each as unknown.
    public enum Weight: Hashable, Sendable {
        /// It may have been done, or may be done when it is asked for again.
        case undecided
        /// A definite refusal that settles nothing: its code is in no table of ours, or says nothing about this call. It
        /// is never proof that nothing was done.
        case refusal
        /// Refused until the merchant's balance covers it.
        case balance
    }

    /// The code of an error whose own has no character that a code is made of.
    public static let unnamed = "UNNAMED"

    private static let longestCode = 64
    private static let longestMessage = 120
    /// Words of so many letters and digits may be keys or tokens.
    private static let longestWord = 24
    /// How providers' keys begin, however short they are.
    private static let keyPrefixes = ["sk_", "rk_", "whsec_"]

    public let code: String
    /// The provider's text for people; nil where it has none.
    public let message: String?
    public let weight: Weight

    public init(code: String, message: String? = nil, weight: Weight = .undecided) {
        self.code = Self.plainCode(code)
        self.message = message.flatMap(Self.plainMessage)
        self.weight = weight
    }

    /// The same words with another weight.
    public func weighing(_ weight: Weight) -> ProviderError {
        ProviderError(code: code, message: message, weight: weight)
    }

    /// Letters, digits and what joins them.
    private static func plainCode(_ code: String) -> String {
        let kept = code.unicodeScalars.lazy.filter(\.isCodeCharacter).prefix(longestCode)
        return kept.isEmpty ? unnamed : String(String.UnicodeScalarView(kept))
    }

    /// Without control characters and without what may be a secret. Nil where nothing is left.
    private static func plainMessage(_ message: String) -> String? {
        var text = String.UnicodeScalarView()
        var word = String.UnicodeScalarView()
        func endWord() {
            let isSecret = word.count > longestWord || keyPrefixes.contains { String(word).hasPrefix($0) }
            text.append(contentsOf: isSecret ? "…".unicodeScalars : word)
            word.removeAll()
        }
        // Four times what is kept: words that are left out make room for what follows.
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
    fileprivate var isCodeCharacter: Bool {
        switch self {
        case "0"..."9", "A"..."Z", "a"..."z", ".", "_", "-": true
        default: false
        }
    }

    /// The characters of keys and tokens.
    fileprivate var isTokenCharacter: Bool {
        switch self {
        case "0"..."9", "A"..."Z", "a"..."z", "_", "-", "+", "/", "=": true
        default: false
        }
    }

    fileprivate var isPrinted: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}
