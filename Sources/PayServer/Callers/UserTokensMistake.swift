/// What is wrong with the configuration of user tokens, in words for whoever configures it. Holds no key material.
public enum UserTokensMistake: Error, Hashable, Sendable, CustomStringConvertible {
    case secretTooShort(bytes: Int)
    case notAKeySet
    case tooManyKeys(Int)
    case noSigningKey
    /// The key at `position`, counted from 1 in the file's order.
    case key(position: Int, kid: String?, KeyMistake)

    public var description: String {
        switch self {
        case .secretTooShort(let bytes):
            "the secret for user tokens has \(bytes) bytes; HS256 needs at least \(UserTokenKey.shortestSecret)"
        case .notAKeySet:
            "the JWKS file is not a JSON object with a list of keys under \"keys\""
        case .tooManyKeys(let count):
            "the JWKS file has \(count) keys; \(UserTokenKey.mostKeys) are the most"
        case .noSigningKey:
            "the JWKS file has no key for signatures"
        case .key(let position, let kid, let mistake):
            "key \(position) of the JWKS file\(kid.map { " (kid \($0.debugDescription))" } ?? ""): \(mistake)"
        }
    }
}

/// What is wrong with one key of a JWKS file.
public enum KeyMistake: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed
    case notPublic
    case unknownType
    case otherAlgorithm(expected: String)
    case rsaTooShort(bits: Int)
    case repeatedKid

    public var description: String {
        switch self {
        case .malformed: "its members are missing or can't be read as a key"
        case .notPublic: "it is a private or shared key; only public keys belong here"
        case .unknownType: "its type is not known; RSA, EC with P-256 and OKP with Ed25519 are"
        case .otherAlgorithm(let expected): "its \"alg\" is not \(expected), the one for its type"
        case .rsaTooShort(let bits):
            "its modulus has \(bits) bits, and less than \(UserTokenKey.shortestModulusBits) is weak"
        case .repeatedKid: "another key before it has the same kid"
        }
    }
}
