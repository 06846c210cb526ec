public import PayCore

/// The one place where orders change. Each operation is one transaction, and none is open during a provider call.
public protocol OrderDecisions: Sendable {
    /// Loads the order (or takes the draft, if there is none), applies one decision, and stores the changes with their
    /// events, their history and the key.
    ///
    /// The decision may run more than once, if a commit that it shared failed: it must only decide.
    ///
    /// A draft that the decision left unchanged is not stored. Nil if there is neither order nor draft.
    ///
    /// Throws ``KeyConflict`` if the key that the decision claims or uses up is taken, ``PaymentOfAnotherTrade``, and
    /// the decision's own error. Each of them rolls everything back.
    func update<Outcome: Sendable>(
        _ number: OrderNumber, creating draft: Order?, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> Decision<Outcome>
    ) async throws -> Outcome?

    /// Stores a verified notice, and the decision's changes of the order that it names, in one transaction. A notice
    /// for an unknown order is stored too. A repeated notice is stored once, and decided every time.
    func record(
        _ notice: StoredNotice, at now: Instant,
        _ decide: @escaping @Sendable (inout Order) throws -> SettleAction
    ) async throws -> SettleAction
}

/// The outcome of a decision, the key that it claims or uses up, the notes for the order's history, and the entry of the
/// audit if a person decided.
public struct Decision<Outcome: Sendable>: Sendable {
    public let outcome: Outcome
    public let key: KeyRecord?
    public let claim: KeyClaim?
    public let notes: [HistoryNote]
    public let audit: AuditNote?

    public init(
        _ outcome: Outcome, usingUp key: KeyRecord? = nil, claiming claim: KeyClaim? = nil,
        noting notes: [HistoryNote] = [], audit: AuditNote? = nil
    ) {
        self.outcome = outcome
        self.key = key
        self.claim = claim
        self.notes = notes
        self.audit = audit
    }
}

/// An order that was found a moment ago is missing. Orders are never deleted, so the database was edited by hand.
public struct OrderVanished: Error, CustomStringConvertible {
    public let number: OrderNumber

    public var description: String { "order \(number) is no longer in the database" }
}

/// A provider reports a payment for a trade that is already stored for another trade. Nothing is stored, and the
/// payment needs a manual decision.
public struct PaymentOfAnotherTrade: Error, Hashable {
    public let channel: Channel
    public let transactionID: TransactionID

    public init(channel: Channel, transactionID: TransactionID) {
        self.channel = channel
        self.transactionID = transactionID
    }
}

/// A provider's notice as it was received and verified.
public struct StoredNotice: Sendable {
    public let channel: Channel
    /// The provider's own number of the notice, which makes a repeated notice recognisable.
    public let id: String
    /// The trade's number in the provider's spelling. It need not be one of ours.
    public let tradeNumber: String
    public let body: String

    public init(channel: Channel, id: String, tradeNumber: String, body: String) {
        self.channel = channel
        self.id = id
        self.tradeNumber = tradeNumber
        self.body = body
    }
}
