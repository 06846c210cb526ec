import JWTKit
package import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Reads the JSON Web Tokens by which the merchant vouches for its users: `sub` is the `user_id`.
///
/// jwt-kit does the cryptography alone. Its own reading is not used: it asks the system's clock for `exp`, takes its
/// default key for a `kid` that it doesn't know, and compares no `alg` with the key's.
package struct UserTokens: Sendable {
    /// In UTF-8 bytes. Tokens of people are a fifth of that; what is longer is refused before any cryptography.
    package static let longestToken = 8_192

    /// How far the merchant's clock may run ahead for `nbf`. Hosts that keep time differ by well under a second; a
    /// token that is used the moment it was made must not fail on that. `exp` has no leeway: an end is an end.
    package static let notBeforeLeeway = Duration.seconds(5)

    private let keys: [UserTokenKey]
    private let known = KnownTokens()
    private let issuer: String?
    private let audience: String?
    /// The keys of the key set that can't be used.
    package let skippedKeys: [SkippedKey]

    /// With neither a secret nor a key set, every token is refused.
    ///
    /// - Parameters:
    ///   - secret: the shared secret for HS256, at least 32 bytes.
    ///   - keySet: the content of a JWKS file with RS256, ES256 or EdDSA public keys.
    ///   - issuer: what `iss` must be; nil asks nothing of it.
    ///   - audience: what `aud` must be or contain; nil asks nothing of it.
    /// - Throws: ``UserTokensMistake``.
    package init(secret: Secret?, keySet: String?, issuer: String? = nil, audience: String? = nil) async throws {
        var keys: [UserTokenKey] = []
        if let secret { keys.append(try await UserTokenKey(secret: secret)) }
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

    /// The user whom `token` speaks for at `now`. Nil is the refusal, and says nothing of its reason: a stranger would
    /// learn from it.
    package func user(in token: String, at now: Instant) -> UserID? {
        switch judge(token, at: now, mayUsePublicKeys: true) {
        case .user(let user): user
        case .refused, .needsPublicKey: nil
        }
    }

    package enum Judgement {
        case user(UserID)
        case refused
        /// The token was not seen before, and a public key of ours may have signed it.
        case needsPublicKey
    }

    /// - Parameter mayUsePublicKeys: a signature by a shared secret is checked in microseconds; by a public key it costs a
    ///   hundred times as much.
    package func judge(_ token: String, at now: Instant, mayUsePublicKeys: Bool) -> Judgement {
        guard token.utf8.count <= Self.longestToken else { return .refused }
        let name = KnownTokens.Name(of: token)
        if let good = known[name] { return good.isLive(at: now) ? .user(good.user) : .refused }
        guard let parts = TokenParts(token) else { return .refused }
        let candidates = candidates(for: parts)
        if !mayUsePublicKeys, candidates.contains(where: \.isPublic) { return .needsPublicKey }
        guard let good = read(parts, signedByOneOf: candidates) else { return .refused }
        // Remembered even when it has expired: it may be shown again and again, and is checked for that each time.
        known.remember(good, as: name)
        return good.isLive(at: now) ? .user(good.user) : .refused
    }

    /// What the token says, if one of our keys signed it for us: the same today and tomorrow, but for the time.
    private func read(_ parts: TokenParts, signedByOneOf keys: [UserTokenKey]) -> KnownTokens.Good? {
        guard keys.contains(where: { (try? $0.algorithm.verify(parts.signature, signs: parts.signed)) == true }),
            let claims = try? JSONDecoder().decode(TokenClaims.self, from: Data(parts.payload)),
            claims.isIssued(by: issuer), claims.isMeant(for: audience), let user = UserID(claims.sub)
        else { return nil }
        return KnownTokens.Good(user: user, expiresAt: claims.exp, notBefore: claims.nbf)
    }

    /// What a token says of its own end, to the millisecond. Believed of a token alone that has spoken for its user.
    package static func end(of token: String) -> Instant? {
        guard let parts = TokenParts(token),
            let claims = try? JSONDecoder().decode(TokenClaims.self, from: Data(parts.payload)),
            let milliseconds = Int64(exactly: (claims.exp * 1_000).rounded(.down))
        else { return nil }
        return Instant(milliseconds: milliseconds).clamped
    }

    /// The keys that may have signed the token: those of its header's algorithm, which is the key's own. A `kid` rules out
    /// the keys that have another one.
    private func candidates(for parts: TokenParts) -> [UserTokenKey] {
        guard let header = try? JSONDecoder().decode(TokenHeader.self, from: Data(parts.header)), !header.hasCritical
        else { return [] }
        return keys.filter { key in
            key.algorithm.name == header.alg
                && (key.identifier == nil || header.kid == nil || key.identifier == header.kid)
        }
    }
}

/// A token in JWS compact form, taken apart and decoded. What the parts say is not yet believed.
private struct TokenParts {
    let header: [UInt8]
    let payload: [UInt8]
    let signature: [UInt8]
    /// The header and the payload as they were sent: what the signature is over.
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

/// What a token's header says of itself.
private struct TokenHeader: Decodable {
    let alg: String
    let kid: String?
    /// Whether the token asks for extensions to be understood (RFC 7515 section 4.1.11). We understand none.
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

/// What a token with a good signature says. Texts are compared byte by byte: two spellings of one letter are two texts.
private struct TokenClaims: Decodable {
    let sub: String
    /// Seconds since 1970, perhaps with a fraction, as RFC 7519 has them.
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
