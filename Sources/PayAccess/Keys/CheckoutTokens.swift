import Crypto
package import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Makes and verifies the tokens of checkout URLs. A token is the right to pay and read one order until it expires.
///
/// A token is `c1.{out_trade_no}.{expiry}.{seal}`. The expiry is in milliseconds, to base 36. The seal is an
/// HMAC-SHA256 of everything before it. A token is not encrypted. Its holder may use it, so it is redacted in logs.
package struct CheckoutTokens: Sendable {
    /// The longest token that is read, in UTF-8 bytes. The longest token that we make has 90: version 2, order 28,
    /// expiry 14, seal 43, three dots.
    package static let longestToken = 96

    private static let version = "c1"

    /// Each verifies.
    private let keys: [SymmetricKey]
    /// Initialised with the first key, which is half the work.
    private let signer: HMAC<SHA256>
    /// The states of buyers who were sent to WeChat from a checkout page.
    package let openIDStates: OpenIDStates

    /// - Parameter secrets: `token.secret`, at least one. The first signs, and tokens of each are accepted. The keys are
    ///   derived from them, so that a secret can serve other purposes as well.
    package init(secrets: [Secret]) {
        precondition(!secrets.isEmpty)
        keys = secrets.map { secret in
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: SymmetricKey(data: Array(secret.reveal().utf8)),
                info: Array("paypage checkout token \(Self.version)".utf8),
                outputByteCount: 32
            )
        }
        signer = HMAC(key: keys[0])
        openIDStates = OpenIDStates(derivedFrom: keys)
    }

    package init(secret: Secret) {
        self.init(secrets: [secret])
    }

    package func token(for order: OrderNumber, expiresAt: Instant) -> String {
        let claim = "\(Self.version).\(order.text).\(String(expiresAt.milliseconds, radix: 36))"
        return "\(claim).\(Base64URL.encode(seal(claim)))"
    }

    /// The order that `token` grants access to at `now`. Nil if the token is invalid or has expired. It is valid up to,
    /// not at, its expiry.
    package func order(in token: String, at now: Instant) -> OrderNumber? {
        claim(in: token).flatMap { now < $0.expiresAt ? $0.order : nil }
    }

    /// The claim of an authentic token, expired or not. Nil if the token is invalid. The claim grants no access: see
    /// ``order(in:at:)``.
    package func claim(in token: String) -> CheckoutClaim? {
        guard token.utf8.count <= Self.longestToken else { return nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == Self.version,
            let order = OrderNumber(String(parts[1])),
            let expiry = Int64(parts[2], radix: 36),
            let shownSeal = Base64URL.decode(parts[3].utf8)
        else { return nil }
        // The seal covers the text as received, so another spelling of the claim (`+`, capitals, leading zeros) fails.
        let claim = parts[0...2].joined(separator: ".")
        let bytes = Array(claim.utf8)
        guard
            keys.contains(where: {
                HMAC<SHA256>.isValidAuthenticationCode(shownSeal, authenticating: bytes, using: $0)
            })
        else { return nil }
        return CheckoutClaim(order: order, expiresAt: Instant(milliseconds: expiry).clamped)
    }

    /// The expiry that a token claims. Precondition: the token was accepted before.
    package static func end(of token: String) -> Instant? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, let expiry = Int64(parts[2], radix: 36) else { return nil }
        return Instant(milliseconds: expiry).clamped
    }

    private func seal(_ claim: String) -> HMAC<SHA256>.MAC {
        var code = signer
        code.update(data: Array(claim.utf8))
        return code.finalize()
    }
}

/// The claim of a checkout token.
package struct CheckoutClaim: Hashable, Sendable {
    package let order: OrderNumber
    package let expiresAt: Instant
}
