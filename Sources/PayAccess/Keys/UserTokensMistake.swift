/// A mistake in the configuration of user tokens. The description is for operators and holds no key material.
package enum UserTokensMistake: Error, Hashable, Sendable, CustomStringConvertible {
    case secretTooShort(bytes: Int)
    case notAKeySet
    case tooManyKeys(Int)
    /// Holds the skipped keys, each with its reason.
    case noUsableKey([SkippedKey])

    package var description: String {
        switch self {
        case .secretTooShort(let bytes):
            "the secret for user tokens has \(bytes) bytes; HS256 needs at least \(UserTokenKey.shortestSecret)"
        case .notAKeySet:
            "the JWKS file is not a JSON object with a list of keys under \"keys\""
        case .tooManyKeys(let count):
            "the JWKS file has \(count) signature keys; at most \(UserTokenKey.mostKeys) are supported"
        case .noUsableKey(let skipped) where skipped.isEmpty:
            "the JWKS file has no signature key"
        case .noUsableKey(let skipped):
            "the JWKS file has no usable key: " + skipped.map(\.description).joined(separator: "; ")
        }
    }
}

/// A skipped key of a JWKS file. The description holds no key material.
package struct SkippedKey: Hashable, Sendable, CustomStringConvertible {
    /// The position in the file, from 1.
    package let position: Int
    package let kid, kty: String?
    package let mistake: KeyMistake

    package var description: String {
        let names = [("kid", kid), ("kty", kty)].compactMap { name, value in
            value.map { "\(name) \(Self.shown($0))" }
        }
        return "key \(position)\(names.isEmpty ? "" : " (\(names.joined(separator: ", ")))"): \(mistake)"
    }

    /// The name quoted, so that it can't break a line, and cut to 64 characters.
    package static func shown(_ name: String) -> String { String(name.prefix(64)).debugDescription }
}

/// The reason why a key of a JWKS file is skipped.
package enum KeyMistake: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed
    case notPublic
    case unknownType
    case otherAlgorithm(expected: String)
    case rsaTooShort(bits: Int)
    case repeatedKid

    package var description: String {
        switch self {
        case .malformed: "a member is missing or is not a valid key"
        case .notPublic: "is a private or shared key; a public key is required"
        case .unknownType: "key type is not supported; expected RSA, EC with P-256 or OKP with Ed25519"
        case .otherAlgorithm(let expected): "\"alg\" must be \(expected) for this key type"
        case .rsaTooShort(let bits):
            "modulus has \(bits) bits; at least \(UserTokenKey.shortestModulusBits) are required"
        case .repeatedKid: "an earlier key has the same kid"
        }
    }
}
