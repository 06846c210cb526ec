public import PayCore

/// The restores of the database from older copies.
public protocol RestoreMarks: Sendable {
    /// Notes that the database was just restored from an older copy, in one transaction with the entry of the audit.
    ///
    /// From then on, new attempts and refunds skip every number that the lost time may have used. Everything that may
    /// hold or return money is due at once. Messages get identifiers that were never used.
    ///
    /// Precondition: no service uses the database.
    ///
    /// - Parameter number: the number of the restore; nil for one more than the last that the copy has. Throws
    ///   ``RestoreNumberUsed`` unless it is higher than that.
    func markRestored(_ number: Int?, audit: AuditNote?, at now: Instant) async throws -> Restore

    /// The first one first.
    func restores() async throws -> [Restore]

    /// Orders whose providers may know attempts that a restore lost, by number, at most `limit`. They do not expire before
    /// they are searched.
    ///
    /// - Parameter number: the order before the first one; nil to begin with the first one of all.
    func ordersToSearch(after number: OrderNumber?, limit: Int) async throws -> [OrderNumber]

    /// The order is searched.
    func endSearch(of number: OrderNumber) async throws

    /// The trades of an order that notices named before the order was stored.
    func noticedTrades(of number: OrderNumber) async throws -> [NoticedTrade]
}

/// A trade that a verified notice named.
public struct NoticedTrade: Hashable, Sendable {
    public let trade: TradeNumber
    public let channel: Channel

    /// Nil unless both are known.
    public init?(trade: TradeNumber?, channel: Channel?) {
        guard let trade, let channel else { return nil }
        self.trade = trade
        self.channel = channel
    }
}

/// A restore of the database from an older copy.
public struct Restore: Hashable, Sendable {
    /// More than the numbers of attempts allow.
    public static let mostNumbers = 1_000

    /// Counts the restores, also those that the copy does not have.
    public let number: Int
    public let at: Instant
    /// The last change of an order in the copy.
    public let copiedAt: Instant

    public init(number: Int, at: Instant, copiedAt: Instant) {
        self.number = number
        self.at = at
        self.copiedAt = copiedAt
    }
}

/// The copy has a restore of this number or a higher one.
public struct RestoreNumberUsed: Error, Hashable, CustomStringConvertible {
    public let last: Int

    public init(last: Int) {
        self.last = last
    }

    public var description: String {
        "the number of the last known restore is \(last): this one must be \(last + 1) or more"
    }
}
