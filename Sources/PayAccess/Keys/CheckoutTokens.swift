import Crypto
package import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Makes and opens the tokens of checkout URLs: the right to pay and read one order until an instant.
///
/// A token is `c1.{out_trade_no}.{expiry}.{seal}`: the expiry in milliseconds to base 36, the seal an HMAC-SHA256 of
/// what stands before it. Nothing in it is hidden; whoever holds it may use it, so it is redacted in logs.
package struct CheckoutTokens: Sendable {
    /// In UTF-8 bytes. The longest token that we make has 90: version 2, order 28, expiry 14, seal 43, three dots.
    package static let longestToken = 96

    private static let version = "c1"

    private let key: SymmetricKey

    /// - Parameter secret: `token.secret`. The key is derived from it, so that the secret may serve other ends as well.
    package init(secret: Secret) {
        key = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: Array(secret.reveal().utf8)),
            info: Array("paypage checkout token \(Self.version)".utf8),
            outputByteCount: 32
        )
    }

    package func token(for order: OrderNumber, expiresAt: Instant) -> String {
        let claim = "\(Self.version).\(order.text).\(String(expiresAt.milliseconds, radix: 36))"
        return "\(claim).\(Base64URL.encode(seal(claim)))"
    }

    /// The order that `token` opens at `now`; nil when it is not ours to the letter, or over: good up to, not at, its
    /// expiry.
    package func order(in token: String, at now: Instant) -> OrderNumber? {
        claim(in: token).flatMap { now < $0.expiresAt ? $0.order : nil }
    }

    /// What a token says, over or not; nil when it is not ours to the letter. It opens nothing: see
    /// ``order(in:at:)``.
    package func claim(in token: String) -> CheckoutClaim? {
        guard token.utf8.count <= Self.longestToken else { return nil }
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == Self.version,
            let order = OrderNumber(String(parts[1])),
            let expiry = Int64(parts[2], radix: 36),
            let shownSeal = Base64URL.decode(parts[3].utf8)
        else { return nil }
        // Sealed as it was shown: another spelling of the same claim (`+`, capitals, leading zeros) has no seal.
        let claim = parts[0...2].joined(separator: ".")
        guard HMAC<SHA256>.isValidAuthenticationCode(shownSeal, authenticating: Array(claim.utf8), using: key) else {
            return nil
        }
        return CheckoutClaim(order: order, expiresAt: Instant(milliseconds: expiry).clamped)
    }

    /// What a token says of its own end. Believed of a token alone that has opened its order.
    package static func end(of token: String) -> Instant? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4, let expiry = Int64(parts[2], radix: 36) else { return nil }
        return Instant(milliseconds: expiry).clamped
    }

    private func seal(_ claim: String) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(for: Array(claim.utf8), using: key)
    }
}

/// What a checkout token of ours says.
package struct CheckoutClaim: Hashable, Sendable {
    package let order: OrderNumber
    package let expiresAt: Instant
}
