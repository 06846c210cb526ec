public import PayCore

/// The data about buyers, and its blanking: user id, subject, return URL, openid, client address, the merchant's reason of
/// a refund, and the bodies of notices. Amounts and numbers stay.
///
/// An order is blanked once it is over: it left `new`, none of its attempts may take money, and no refund is under way.
/// Each operation is one short transaction, unless it says otherwise.
public protocol PersonalData: Sendable {
    /// Blanks orders that left `new` at or before `instant`, at most `limit`, the oldest first. Returns their number.
    func blank(ordersOverBy instant: Instant, limit: Int, at now: Instant) async throws -> Int

    /// Blanks orders that are over and whose erasure was asked for, at most `limit`. Returns their number.
    func blankErased(limit: Int, at now: Instant) async throws -> Int

    /// Blanks the bodies of notices about no order of ours, received at or before `instant`, at most `limit`. Returns
    /// their number.
    func blankNotices(receivedBy instant: Instant, limit: Int) async throws -> Int

    /// Notes that all orders of a user are to be blanked once they are over, and deletes the keys of those that are.
    /// Returns the number of orders.
    func askErasure(of user: UserID, audit: AuditNote, at now: Instant) async throws -> Int

    /// The orders of a user that are not blanked.
    func orders(of user: UserID) async throws -> [OrderNumber]

    /// The notices and the keys of an order, with their texts.
    func personalTexts(of number: OrderNumber) async throws -> PersonalTexts
}

/// The texts of an order that no other port returns.
public struct PersonalTexts: Hashable, Sendable {
    /// A notice as it was received.
    public struct Notice: Hashable, Sendable {
        public let channel: Channel
        public let receivedAt: Instant
        public let body: String

        public init(channel: Channel, receivedAt: Instant, body: String) {
            self.channel = channel
            self.receivedAt = receivedAt
            self.body = body
        }
    }

    public let notices: [Notice]
    /// The scopes of the idempotency keys. That of a user's call has the user id.
    public let keyScopes: [String]

    public init(notices: [Notice], keyScopes: [String]) {
        self.notices = notices
        self.keyScopes = keyScopes
    }
}
