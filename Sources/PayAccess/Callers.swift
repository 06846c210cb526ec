package import PayCore

/// Tells who asks, from what they show.
package struct Callers: Sendable {
    private let merchants: MerchantKeys
    private let users: UserTokens
    private let checkouts: CheckoutTokens

    package init(merchants: MerchantKeys, users: UserTokens, checkouts: CheckoutTokens) {
        self.merchants = merchants
        self.users = users
        self.checkouts = checkouts
    }

    /// Who shows this `Authorization` header at `now`; nil when nobody we know.
    ///
    /// A value that is a merchant's key is the merchant; any other is tried as a user's token. A checkout token has no
    /// place in this header: see ``caller(checkoutToken:at:)``.
    package func caller(authorization: String?, at now: Instant) -> Caller? {
        guard let value = authorization.flatMap(Self.bearerValue) else { return nil }
        if merchants.accepts(value) { return .merchant }
        return users.user(in: value, at: now).map(Caller.user)
    }

    /// The caller as far as it can be told without public-key cryptography.
    package enum Quick {
        case caller(Caller)
        case nobody
        /// A token that was not seen before, and that a public key of ours may have signed.
        case needsPublicKey
    }

    /// Like ``caller(authorization:at:)``, but leaves what is expensive to check to it.
    package func quickCaller(authorization: String?, at now: Instant) -> Quick {
        guard let value = authorization.flatMap(Self.bearerValue) else { return .nobody }
        if merchants.accepts(value) { return .caller(.merchant) }
        switch users.judge(value, at: now, mayUsePublicKeys: false) {
        case .user(let user): return .caller(.user(user))
        case .refused: return .nobody
        case .needsPublicKey: return .needsPublicKey
        }
    }

    /// Who holds this token out of a checkout URL's path at `now`; nil when it opens no order.
    package func caller(checkoutToken: String, at now: Instant) -> Caller? {
        checkouts.order(in: checkoutToken, at: now).map(Caller.checkout)
    }

    /// When the user's token in this header, which has opened something, is over; nil for what has no end.
    package func end(authorization: String?) -> Instant? {
        authorization.flatMap(Self.bearerValue).flatMap { UserTokens.end(of: $0) }
    }

    /// When this checkout token, which has opened its order, is over.
    package func end(checkoutToken: String?) -> Instant? {
        checkoutToken.flatMap { CheckoutTokens.end(of: $0) }
    }

    /// What stands behind `Bearer`, in any case, and one or more spaces (RFC 9110 section 11, RFC 6750 section 2.1).
    ///
    /// Nil when it is longer than any token may be, so that a stranger's header is not even hashed, or has anything but
    /// visible ASCII in it.
    static func bearerValue(_ header: String) -> String? {
        guard header.utf8.count <= UserTokens.longestToken + 64,
            let space = header.utf8.firstIndex(of: UInt8(ascii: " ")),
            header[..<space].lowercased() == "bearer"
        else { return nil }
        let value = header.utf8[space...].drop { $0 == UInt8(ascii: " ") }
        guard !value.isEmpty, value.count <= UserTokens.longestToken, value.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return String(value)
    }
}
