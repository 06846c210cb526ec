public import PayCore

/// The operators of the console, and their sessions.
public protocol OperatorStore: Sendable {
    /// Every operator, by name.
    func operators() async throws -> [OperatorAccount]

    /// Nil for a name that no operator has.
    func operatorAccount(_ name: OperatorName) async throws -> OperatorAccount?

    /// The operator whose invitation has this digest. The caller compares the invitation's end.
    func operatorAccount(invitedBy digest: SecretDigest) async throws -> OperatorAccount?

    /// Loads an operator, applies one decision, and stores the changes with the sessions and the audit entry in one
    /// transaction. The decision may run more than once: it must only decide.
    ///
    /// The transaction writes a row even if the decision changes nothing: its time doesn't tell whether the operator
    /// exists.
    ///
    /// The store ends all sessions of an operator whose role, password or codes change, or who is removed, before it
    /// stores a new session.
    func updateOperator<Outcome: Sendable>(
        _ name: OperatorName, at now: Instant,
        _ decide: @escaping @Sendable (inout OperatorRecord) throws -> OperatorDecision<Outcome>
    ) async throws -> Outcome

    /// The session with its operator's present role. Nil if there is none, or if it was ended. The caller compares the
    /// times.
    func session(_ id: SecretDigest) async throws -> OperatorSession?

    /// Stores the time of the last request of a session.
    func noteUse(of session: SecretDigest, at now: Instant) async throws

    /// The sessions of an operator, the latest first.
    func sessions(of name: OperatorName) async throws -> [OperatorSession]
}

/// An operator as a decision sees it.
public struct OperatorRecord: Sendable {
    /// Nil for a name that no operator has. A decision adds an operator by setting it, and removes one by nil.
    public var account: OperatorAccount?
    /// Whether another operator is an admin. The last admin stays one.
    public let hasOtherAdmin: Bool

    public init(account: OperatorAccount?, hasOtherAdmin: Bool) {
        self.account = account
        self.hasOtherAdmin = hasOtherAdmin
    }
}

/// The outcome of a decision about an operator, with its sessions and its audit entry.
public struct OperatorDecision<Outcome: Sendable>: Sendable {
    public let outcome: Outcome
    public let ending: SessionsToEnd?
    public let beginning: OperatorSession?
    public let audit: AuditNote?

    public init(
        _ outcome: Outcome, ending: SessionsToEnd? = nil, beginning: OperatorSession? = nil, audit: AuditNote? = nil
    ) {
        self.outcome = outcome
        self.ending = ending
        self.beginning = beginning
        self.audit = audit
    }
}

/// The sessions of an operator that a decision ends.
public enum SessionsToEnd: Hashable, Sendable {
    case all
    case allBut(SecretDigest)
    case one(SecretDigest)
    /// Those that began before the first instant, or were last used before the second one.
    case old(begunBefore: Instant, usedBefore: Instant)
}

/// A session of an operator.
public struct OperatorSession: Hashable, Sendable {
    public let id: SecretDigest
    public let name: OperatorName
    public let role: OperatorRole
    public let begunAt: Instant
    public let usedAt: Instant
    /// The address of the client that signed in.
    public let origin: PersonName?

    public init(
        id: SecretDigest, name: OperatorName, role: OperatorRole, begunAt: Instant, usedAt: Instant, origin: PersonName?
    ) {
        self.id = id
        self.name = name
        self.role = role
        self.begunAt = begunAt
        self.usedAt = usedAt
        self.origin = origin
    }
}
