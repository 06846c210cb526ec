/// The reason why a new password is refused.
public enum PasswordFlaw: Hashable, Sendable {
    case tooShort, tooLong
    /// It is the operator's name, or little more.
    case likeName
    /// It repeats a few characters.
    case monotonous

    /// In characters.
    public static let shortest = 12
    /// In UTF-8 bytes. It limits the work of hashing.
    public static let longest = 256
    private static let fewestDifferent = 5

    /// Nil for a password that is accepted.
    public init?(of password: String, for name: OperatorName) {
        let folded = password.lowercased()
        if password.count < Self.shortest {
            self = .tooShort
        } else if password.utf8.count > Self.longest {
            self = .tooLong
        } else if Set(folded).count < Self.fewestDifferent {
            self = .monotonous
        } else if Self.isLike(name.text, folded) {
            self = .likeName
        } else {
            return nil
        }
    }

    /// Whether the password without every occurrence of the name is too short to guess less easily. A very short name
    /// occurs by chance.
    private static func isLike(_ name: String, _ password: String) -> Bool {
        guard name.count >= 3 else { return false }
        var rest = password[...]
        var others = 0
        while !rest.isEmpty {
            if rest.hasPrefix(name) {
                rest = rest.dropFirst(name.count)
            } else {
                rest = rest.dropFirst()
                others += 1
            }
        }
        return others < 8 && others < password.count
    }
}
