public import PayCore

/// The record of every change that a person or the merchant's back end made by hand, whichever way. Entries are
/// appended, and never changed or deleted.
///
/// A change in the store and its entry are one transaction: the ports that change something take an ``AuditNote``.
public protocol AuditLog: Sendable {
    /// Appends an entry for a change outside the store, such as a reload of the settings.
    func audit(_ note: AuditNote, at now: Instant) async throws

    /// The entries that match, the latest first.
    func auditEntries(_ listing: AuditListing) async throws -> [AuditEntry]
}

/// A change, and its author. The store adds the time.
public struct AuditNote: Hashable, Sendable {
    public let actor: Actor
    public let action: AuditAction
    /// The thing that was changed, as its commands name it: a refund's number, a channel, an operator.
    public let subject: String
    public let order: OrderNumber?
    /// Why, in the words of the person. Nil where the action asks for no reason.
    public let reason: RulingReason?
    /// The particulars of the change, such as an amount. Never a secret.
    public let detail: String?

    /// Longer texts are cut. Control characters become spaces.
    public init(
        _ actor: Actor, _ action: AuditAction, on subject: String, of order: OrderNumber? = nil,
        because reason: RulingReason? = nil, detail: String? = nil
    ) {
        self.actor = actor
        self.action = action
        self.subject = Self.line(subject)
        self.order = order
        self.reason = reason
        self.detail = detail.map(Self.line)
    }

    /// The most characters of a subject and of a detail.
    public static let longestText = 200

    /// The particulars of a decision that the actor sent in the name of a person, who can be the actor.
    package static func particulars(_ particulars: String, decidedBy person: PersonName, through actor: Actor) -> String
    {
        person == actor.name ? particulars : "\(particulars), decided by \(person.text)"
    }

    private static func line(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(longestText).map { scalar in
            scalar.properties.generalCategory == .control ? " " : scalar
        }
        return scalars.isEmpty ? "-" : String(String.UnicodeScalarView(scalars))
    }
}

/// The author of a change.
public struct Actor: Hashable, Sendable {
    /// An operator's name, the name of an API key, or the user of a command.
    public let name: PersonName
    public let way: AuditWay
    /// The client's address, or the host of a command.
    public let origin: PersonName?

    public init(_ name: PersonName, by way: AuditWay, from origin: PersonName?) {
        self.name = name
        self.way = way
        self.origin = origin
    }
}

/// The way by which a change was made.
public enum AuditWay: String, CaseIterable, Sendable {
    case cli, api, console
}

/// The kind of a change, as `thing.verb`.
public enum AuditAction: String, CaseIterable, Sendable {
    case orderClosed = "order.close"
    case orderQueried = "order.query"
    case disputeAccepted = "dispute.accept"
    case disputeRefunded = "dispute.refund"
    case refundRequested = "refund.create"
    case refundRetried = "refund.retry"
    case deliveryResent = "delivery.resend"
    case deliveriesRecovered = "delivery.recover"
    case webhookTested = "webhook.test"
    case channelPaused = "channel.pause"
    case channelResumed = "channel.resume"
    case differenceExplained = "difference.explain"
    case differenceClosed = "difference.close"
    case reconciliationRun = "reconciliation.run"
    case operatorAdded = "operator.add"
    case operatorChanged = "operator.change"
    case operatorRemoved = "operator.remove"
    case operatorReset = "operator.reset"
    case operatorPasswordSet = "operator.set_password"
    case operatorCodesTurnedOn = "operator.turn_on_codes"
    case operatorCodesTurnedOff = "operator.turn_off_codes"
    case operatorSignedIn = "operator.sign_in"
    case operatorSignedOut = "operator.sign_out"
    case operatorSessionsEnded = "operator.end_sessions"
    case operatorLocked = "operator.lock"
    case settingsReloaded = "settings.reload"
    case databaseBackedUp = "database.backup"
    case databaseRestored = "database.restore"
    case databaseCopied = "database.copy"
    case userExported = "privacy.export"
    case userErased = "privacy.erase"
}

/// A stored entry.
public struct AuditEntry: Hashable, Sendable {
    public let id: Int64
    public let at: Instant
    public let note: AuditNote

    public init(id: Int64, at: Instant, _ note: AuditNote) {
        self.id = id
        self.at = at
        self.note = note
    }
}

/// The filter of a list of entries. Nil matches everything.
public struct AuditListing: Hashable, Sendable {
    public let actor: PersonName?
    public let action: AuditAction?
    public let order: OrderNumber?
    /// Only entries before this one: the last of the page before.
    public let before: Int64?
    public let limit: Int

    public init(
        actor: PersonName? = nil, action: AuditAction? = nil, order: OrderNumber? = nil, before: Int64? = nil,
        limit: Int
    ) {
        self.actor = actor
        self.action = action
        self.order = order
        self.before = before
        self.limit = limit
    }
}
