/// What is wrong with the configuration of user tokens, in words for whoever configures it. Holds no key material.
package enum UserTokensMistake: Error, Hashable, Sendable, CustomStringConvertible {
    case secretTooShort(bytes: Int)
    case notAKeySet
    case tooManyKeys(Int)
    /// With the reason for each key that was skipped.
    case noUsableKey([SkippedKey])

    package var description: String {
        switch self {
        case .secretTooShort(let bytes):
            "the secret for user tokens has \(bytes) bytes; HS256 needs at least \(UserTokenKey.shortestSecret)"
        case .notAKeySet:
            "the JWKS file is not a JSON object with a list of keys under \"keys\""
        case .tooManyKeys(let count):
            "the JWKS file has \(count) keys for signatures; at most \(UserTokenKey.mostKeys) are supported"
        case .noUsableKey(let skipped) where skipped.isEmpty:
            "the JWKS file has no key for signatures"
        case .noUsableKey(let skipped):
            "the JWKS file has no key that can be used: " + skipped.map(\.description).joined(separator: "; ")
        }
    }
}

/// A key of a JWKS file that is not used. Its text holds no key material.
package struct SkippedKey: Hashable, Sendable, CustomStringConvertible {
    /// Counted from 1 in the file's order.
    package let position: Int
    package let kid, kty: String?
    package let mistake: KeyMistake

    package var description: String {
        let names = [("kid", kid), ("kty", kty)].compactMap { name, value in
            value.map { "\(name) \(Self.shown($0))" }
        }
        return "key \(position)\(names.isEmpty ? "" : " (\(names.joined(separator: ", ")))"): \(mistake)"
    }

    /// Quoted, so that it can't break a line, and cut: a name is short.
    package static func shown(_ name: String) -> String { String(name.prefix(64)).debugDescription }
}

/// What is wrong with one key of a JWKS file.
package enum KeyMistake: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed
    case notPublic
    case unknownType
    case otherAlgorithm(expected: String)
    case rsaTooShort(bits: Int)
    case repeatedKid

    package var description: String {
        switch self {
        case .malformed: "its members are missing or can't be read as a key"
        case .notPublic: "it is a private or shared key; only public keys belong here"
        case .unknownType: "its type is not supported; RSA, EC with P-256 and OKP with Ed25519 are"
        case .otherAlgorithm(let expected): "its \"alg\" is not \(expected), the one for its type"
        case .rsaTooShort(let bits):
            "its modulus has \(bits) bits, and less than \(UserTokenKey.shortestModulusBits) is weak"
        case .repeatedKid: "another key before it has the same kid"
        }
    }
}
