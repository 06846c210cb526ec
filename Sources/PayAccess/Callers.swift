package import PayCore

/// Authenticates callers by their credentials.
package struct Callers: Sendable {
    private let merchants: MerchantKeys
    private let users: UserTokens
    private let checkouts: CheckoutTokens

    package init(merchants: MerchantKeys, users: UserTokens, checkouts: CheckoutTokens) {
        self.merchants = merchants
        self.users = users
        self.checkouts = checkouts
    }

    /// The caller that this `Authorization` header proves at `now`. Nil if it proves none.
    ///
    /// A merchant's API key proves the merchant. Any other value is verified as a user token. Checkout tokens are not
    /// accepted in this header: see ``caller(checkoutToken:at:)``.
    package func caller(authorization: String?, at now: Instant) -> Caller? {
        guard let value = authorization.flatMap(Self.bearerValue) else { return nil }
        switch merchants.verdict(on: value, at: now) {
        case .accepted: return .merchant
        case .ended: return nil
        case .unknown: break
        }
        return users.user(in: value, at: now).map(Caller.user)
    }

    /// The result of an authentication without public-key cryptography.
    package enum Quick {
        case caller(Caller)
        case nobody
        /// An API key after its end, by its name.
        case endedKey(PersonName)
        /// The token was not seen before, and only a public key can verify it.
        case needsPublicKey
    }

    /// Like ``caller(authorization:at:)``, but stops before a public-key verification, which is expensive.
    package func quickCaller(authorization: String?, at now: Instant) -> Quick {
        guard let value = authorization.flatMap(Self.bearerValue) else { return .nobody }
        switch merchants.verdict(on: value, at: now) {
        case .accepted: return .caller(.merchant)
        case .ended(let name): return .endedKey(name)
        case .unknown: break
        }
        switch users.judge(value, at: now, mayUsePublicKeys: false) {
        case .user(let user): return .caller(.user(user))
        case .refused: return .nobody
        case .needsPublicKey: return .needsPublicKey
        }
    }

    /// The name of the API key in this header. Nil if it is no key, or has ended.
    package func keyName(authorization: String?, at now: Instant) -> PersonName? {
        guard let value = authorization.flatMap(Self.bearerValue),
            case .accepted(let name) = merchants.verdict(on: value, at: now)
        else { return nil }
        return name
    }

    /// The caller that this token of a checkout URL proves at `now`. Nil if the token is invalid or has expired.
    package func caller(checkoutToken: String, at now: Instant) -> Caller? {
        checkouts.order(in: checkoutToken, at: now).map(Caller.checkout)
    }

    /// The expiry of the user token in this header, which was accepted before. Nil for an API key, which has no expiry.
    package func end(authorization: String?) -> Instant? {
        authorization.flatMap(Self.bearerValue).flatMap { UserTokens.end(of: $0) }
    }

    /// The expiry of this checkout token, which was accepted before.
    package func end(checkoutToken: String?) -> Instant? {
        checkoutToken.flatMap { CheckoutTokens.end(of: $0) }
    }

    /// The credentials after `Bearer`, in any case, and one or more spaces (RFC 9110 section 11, RFC 6750 section 2.1).
    ///
    /// Nil if they are longer than the longest token, so that an oversized header is not even hashed. Nil if they
    /// contain anything but visible ASCII.
    /// visible ASCII in it.
    static func bearerValue(_ header: String) -> String? {
        guard header.utf8.count <= UserTokens.longestToken + 64,
            let space = header.utf8.firstIndex(of: UInt8(ascii: " ")),
            header[..<space].lowercased() == "bearer"
        else { return nil }
        let value = header.utf8[space...].drop { $0 == UInt8(ascii: " ") }
        guard !value.isEmpty, value.count <= UserTokens.longestToken, value.allSatisfy(\.isVisibleASCII)
        else { return nil }
        return String(value)
    }
}
