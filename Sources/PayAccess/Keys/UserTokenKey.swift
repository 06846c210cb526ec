import JWTKit
import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A key that verifies user tokens, and the single algorithm that it is used with.
struct UserTokenKey: Sendable {
    /// RFC 7518 section 3.2: an HS256 key is at least as long as the hash. jwt-kit asserts that. In bytes.
    static let shortestSecret = 32
    /// RFC 7518 section 3.3.
    static let shortestModulusBits = 2_048
    /// A token without a `kid` is verified with every key of its algorithm, so the number is limited. A merchant has
    /// two or three.
    static let mostKeys = 32

    /// The `kid`. Nil for a key without one.
    let identifier: String?
    let algorithm: any JWTAlgorithm
    /// Whether the key is public. Verifying a signature with a public key is expensive.
    let isPublic: Bool

    init(secret: Secret) async throws {
        guard secret.byteCount >= Self.shortestSecret else {
            throw UserTokensMistake.secretTooShort(bytes: secret.byteCount)
        }
        let keys = JWTKeyCollection()
        await keys.add(hmac: HMACKey(from: secret.reveal()), digestAlgorithm: .sha256)
        identifier = nil
        algorithm = try await keys.getKey()
        isPublic = false
    }

    /// Reads the content of a JWKS file (RFC 7517).
    ///
    /// A key that can't be used is skipped, as RFC 7517 section 5 asks: issuers publish keys of new kinds beside the
    /// old ones. Encryption keys (`"use": "enc"`) are skipped without a report. Throws if no key is left.
    static func read(keySet: String) async throws -> (keys: [UserTokenKey], skipped: [SkippedKey]) {
        guard let set = try? JSONDecoder().decode(KeySet.self, from: Data(keySet.utf8)) else {
            throw UserTokensMistake.notAKeySet
        }
        var keys: [UserTokenKey] = []
        var skipped: [SkippedKey] = []
        for (index, entry) in set.keys.enumerated() where entry.use != "enc" {
            do {
                guard let key = entry.key else { throw KeyMistake.malformed }
                if let kid = key.kid, keys.contains(where: { $0.identifier == kid }) { throw KeyMistake.repeatedKid }
                keys.append(UserTokenKey(identifier: key.kid, algorithm: try await key.algorithm()))
            } catch let mistake as KeyMistake {
                skipped.append(SkippedKey(position: index + 1, kid: entry.kid, kty: entry.kty, mistake: mistake))
            }
        }
        guard !keys.isEmpty else { throw UserTokensMistake.noUsableKey(skipped) }
        guard keys.count <= mostKeys else { throw UserTokensMistake.tooManyKeys(keys.count) }
        return (keys, skipped)
    }

    private init(identifier: String?, algorithm: any JWTAlgorithm) {
        self.identifier = identifier
        self.algorithm = algorithm
        isPublic = true
    }
}

private struct KeySet: Decodable {
    let keys: [Entry]

    /// An entry of the list. The key is nil if a member has the wrong type. The names are decoded separately, for the
    /// error message.
    struct Entry: Decodable {
        let key: WebKey?
        let kid, kty, use: String?

        init(from decoder: any Decoder) throws {
            key = try? WebKey(from: decoder)
            let names = try? decoder.container(keyedBy: Name.self)
            kid = try? names?.decode(String.self, forKey: .kid)
            kty = try? names?.decode(String.self, forKey: .kty)
            use = try? names?.decode(String.self, forKey: .use)
        }

        private enum Name: String, CodingKey {
            case kid, kty, use
        }
    }
}

/// The members of a JSON Web Key (RFC 7517, 7518, 8037) that we use.
private struct WebKey: Decodable {
    let kty: String
    let kid, use, alg, crv: String?
    let n, e, x, y: String?
    /// Members of private and shared keys only.
    let d, k: String?

    func algorithm() async throws -> any JWTAlgorithm {
        guard d == nil, k == nil else { throw KeyMistake.notPublic }
        let keys = JWTKeyCollection()
        switch (kty, crv) {
        case ("RSA", _):
            await keys.add(rsa: try rsaKey(), digestAlgorithm: .sha256)
        case ("EC", "P-256"):
            await keys.add(ecdsa: try ellipticKey())
        case ("OKP", "Ed25519"):
            await keys.add(eddsa: try edwardsKey())
        default:
            throw KeyMistake.unknownType
        }
        let algorithm = try await keys.getKey()
        guard alg == nil || alg == algorithm.name else { throw KeyMistake.otherAlgorithm(expected: algorithm.name) }
        return algorithm
    }

    private func rsaKey() throws -> Insecure.RSA.PublicKey {
        guard let n, let e, let modulus = Base64URL.decode(n.utf8)?.drop(while: { $0 == 0 }), let first = modulus.first
        else { throw KeyMistake.malformed }
        // The exact number of bits. swift-crypto rounds up to whole bytes.
        let bits = modulus.count * 8 - first.leadingZeroBitCount
        guard bits >= UserTokenKey.shortestModulusBits else { throw KeyMistake.rsaTooShort(bits: bits) }
        return try elseMalformed { try Insecure.RSA.PublicKey(modulus: n, exponent: e) }
    }

    private func ellipticKey() throws -> ES256PublicKey {
        guard let x, let y, Base64URL.decode(x.utf8)?.count == 32, Base64URL.decode(y.utf8)?.count == 32 else {
            throw KeyMistake.malformed
        }
        return try elseMalformed { try ES256PublicKey(parameters: (x, y)) }
    }

    private func edwardsKey() throws -> EdDSA.PublicKey {
        guard let x else { throw KeyMistake.malformed }
        return try elseMalformed { try EdDSA.PublicKey(x: x, curve: .ed25519) }
    }

    /// Replaces the library's errors, which may quote key material.
    private func elseMalformed<Key>(_ make: () throws -> Key) throws -> Key {
        do { return try make() } catch { throw KeyMistake.malformed }
    }
}
