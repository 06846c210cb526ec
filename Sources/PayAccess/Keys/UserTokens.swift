import JWTKit
package import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Verifies the JSON Web Tokens that the merchant issues to its users. `sub` is the `user_id`.
///
/// jwt-kit does only the cryptography. Its parsing is not used: it compares `exp` with the system's clock, uses its
/// default key for an unknown `kid`, and does not compare `alg` with the key's algorithm.
package struct UserTokens: Sendable {
    /// The longest token that is read, in UTF-8 bytes. Real tokens have a fifth of that. A longer token is refused
    /// before any cryptography.
    package static let longestToken = 8_192

    /// How far the merchant's clock may be ahead, for `nbf`. Synchronized hosts differ by far less than a second, but a
    /// token must not fail in the moment of its creation. `exp` has no leeway.
    package static let notBeforeLeeway = Duration.seconds(5)

    private let keys: [UserTokenKey]
    private let known = KnownTokens()
    private let issuer: String?
    private let audience: String?
    /// The unusable keys of the key set.
    package let skippedKeys: [SkippedKey]

    /// Without a secret and a key set, every token is refused.
    ///
    /// - Parameters:
    ///   - secrets: the shared secrets for HS256, at least 32 bytes each. A token of any of them is accepted.
    ///   - keySet: the content of a JWKS file with RS256, ES256 or EdDSA public keys.
    ///   - issuer: the required value of `iss`; nil accepts any.
    ///   - audience: the value that `aud` must be or contain; nil accepts any.
    /// - Throws: ``UserTokensMistake``.
    package init(
        secrets: [Secret], keySet: String?, issuer: String? = nil, audience: String? = nil
    ) async throws {
        var keys: [UserTokenKey] = []
        for secret in secrets { keys.append(try await UserTokenKey(secret: secret)) }
        var skipped: [SkippedKey] = []
        if let keySet {
            let read = try await UserTokenKey.read(keySet: keySet)
            keys += read.keys
            skipped = read.skipped
        }
        self.keys = keys
        skippedKeys = skipped
        self.issuer = issuer
        self.audience = audience
    }

    package init(secret: Secret?, keySet: String?, issuer: String? = nil, audience: String? = nil) async throws {
        try await self.init(
            secrets: secret.map { [$0] } ?? [], keySet: keySet, issuer: issuer, audience: audience)
    }

    /// The user that `token` proves at `now`. Nil if the token is refused. The reason is not returned, because it would
    /// help an attacker.
    package func user(in token: String, at now: Instant) -> UserID? {
        switch judge(token, at: now, mayUsePublicKeys: true) {
        case .user(let user): user
        case .refused, .needsPublicKey: nil
        }
    }

    package enum Judgement {
        case user(UserID)
        case refused
        /// The token was not seen before, and only a public key can verify it.
        case needsPublicKey
    }

    /// - Parameter mayUsePublicKeys: whether public keys are used. They cost a hundred times as much as a shared
    ///   secret, which takes microseconds.
    package func judge(_ token: String, at now: Instant, mayUsePublicKeys: Bool) -> Judgement {
        guard token.utf8.count <= Self.longestToken else { return .refused }
        let name = KnownTokens.Name(of: token)
        if let good = known[name] { return good.isLive(at: now) ? .user(good.user) : .refused }
        guard let parts = TokenParts(token) else { return .refused }
        let candidates = candidates(for: parts)
        if !mayUsePublicKeys, candidates.contains(where: \.isPublic) { return .needsPublicKey }
        guard let good = read(parts, signedByOneOf: candidates) else { return .refused }
        // Expired tokens are remembered as well: a client may resend one, and the expiry is checked each time.
        known.remember(good, as: name)
        return good.isLive(at: now) ? .user(good.user) : .refused
    }

    /// The claims of the token if one of our keys signed it for us. The result does not depend on the time.
    private func read(_ parts: TokenParts, signedByOneOf keys: [UserTokenKey]) -> KnownTokens.Good? {
        guard keys.contains(where: { (try? $0.algorithm.verify(parts.signature, signs: parts.signed)) == true }),
            let claims = try? JSONDecoder().decode(TokenClaims.self, from: Data(parts.payload)),
            claims.isIssued(by: issuer), claims.isMeant(for: audience), let user = UserID(claims.sub)
        else { return nil }
        return KnownTokens.Good(user: user, expiresAt: claims.exp, notBefore: claims.nbf)
    }

    /// The expiry that a token claims, to the millisecond. Precondition: the token was accepted before.
    package static func end(of token: String) -> Instant? {
        guard let parts = TokenParts(token),
            let claims = try? JSONDecoder().decode(TokenClaims.self, from: Data(parts.payload)),
            let milliseconds = Int64(exactly: (claims.exp * 1_000).rounded(.down))
        else { return nil }
        return Instant(milliseconds: milliseconds).clamped
    }

    /// The keys that may have signed the token: those with the algorithm of its header. A `kid` excludes the keys with
    /// another `kid`.
    private func candidates(for parts: TokenParts) -> [UserTokenKey] {
        guard let header = try? JSONDecoder().decode(TokenHeader.self, from: Data(parts.header)), !header.hasCritical
        else { return [] }
        return keys.filter { key in
            key.algorithm.name == header.alg
                && (key.identifier == nil || header.kid == nil || key.identifier == header.kid)
        }
    }
}

/// A token in JWS compact form, split and decoded, but not verified.
private struct TokenParts {
    let header: [UInt8]
    let payload: [UInt8]
    let signature: [UInt8]
    /// The header and the payload as received: the input of the signature.
    let signed: [UInt8]

    init?(_ token: String) {
        let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ !$0.isEmpty }),
            let header = Base64URL.decode(parts[0]),
            let payload = Base64URL.decode(parts[1]),
            let signature = Base64URL.decode(parts[2])
        else { return nil }
        self.header = header
        self.payload = payload
        self.signature = signature
        signed = Array(token.utf8[..<parts[1].endIndex])
    }
}

/// The header of a token.
private struct TokenHeader: Decodable {
    let alg: String
    let kid: String?
    /// Whether the token requires extensions (RFC 7515 section 4.1.11). None is supported.
    let hasCritical: Bool

    private enum CodingKeys: String, CodingKey {
        case alg, kid, crit
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        alg = try container.decode(String.self, forKey: .alg)
        kid = try container.decodeIfPresent(String.self, forKey: .kid)
        hasCritical = container.contains(.crit)
    }
}

/// The claims of a token whose signature is valid. Texts are compared byte by byte: two Unicode spellings of a letter
/// differ.
private struct TokenClaims: Decodable {
    let sub: String
    /// Seconds since 1970, perhaps with a fraction (RFC 7519).
    let exp: Double
    let nbf: Double?
    let iss: String?
    let aud: Audience?

    enum Audience: Decodable {
        case one(String)
        case many([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let one = try? container.decode(String.self) {
                self = .one(one)
            } else {
                self = .many(try container.decode([String].self))
            }
        }

        var names: [String] {
            switch self {
            case .one(let name): [name]
            case .many(let names): names
            }
        }
    }

    func isIssued(by issuer: String?) -> Bool {
        guard let issuer else { return true }
        return iss.map { $0.utf8.elementsEqual(issuer.utf8) } ?? false
    }

    func isMeant(for audience: String?) -> Bool {
        guard let audience else { return true }
        return aud?.names.contains { $0.utf8.elementsEqual(audience.utf8) } ?? false
    }
}
