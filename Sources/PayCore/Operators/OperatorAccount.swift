/// An operator of the console: the role, and the proofs that a sign-in asks for.
public struct OperatorAccount: Hashable, Sendable {
    public let name: OperatorName
    public private(set) var role: OperatorRole
    /// Nil until the operator sets a password by the link of an invitation.
    public private(set) var password: PasswordHash?
    /// Nil if the operator uses no one-time codes.
    public private(set) var codes: CodeSecret?
    public private(set) var invitation: Invitation?
    /// Refused sign-ins in a row.
    public private(set) var failures: Int
    public private(set) var lockedUntil: Instant?
    public let addedAt: Instant

    /// A new operator, who sets a password by the link of the invitation.
    public init(_ name: OperatorName, _ role: OperatorRole, invitation: Invitation, addedAt: Instant) {
        self.init(
            name, role, password: nil, codes: nil, invitation: invitation, failures: 0, lockedUntil: nil,
            addedAt: addedAt)
    }

    /// A stored operator.
    public init(
        _ name: OperatorName, _ role: OperatorRole, password: PasswordHash?, codes: CodeSecret?,
        invitation: Invitation?, failures: Int, lockedUntil: Instant?, addedAt: Instant
    ) {
        self.name = name
        self.role = role
        self.password = password
        self.codes = codes
        self.invitation = invitation
        self.failures = failures
        self.lockedUntil = lockedUntil
        self.addedAt = addedAt
    }
}

/// The hash of a password, with the parameters that it was made with.
public struct PasswordHash: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    public var description: String { "<password hash>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The secret of an operator's one-time codes (RFC 6238).
public struct CodeSecret: Hashable, Sendable, CustomStringConvertible, CustomReflectable {
    /// The secret in base32.
    public let text: String
    /// The number of the last time step whose code was used. Codes of this step and earlier ones are refused.
    public internal(set) var usedStep: Int64

    public init(_ text: String, usedStep: Int64) {
        self.text = text
        self.usedStep = usedStep
    }

    public var description: String { "<code secret>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A link that sets a password once.
public struct Invitation: Hashable, Sendable {
    /// How long a link is valid.
    public static let life = Duration.seconds(86_400)

    public let digest: SecretDigest
    public let endsAt: Instant

    public init(_ digest: SecretDigest, endsAt: Instant) {
        self.digest = digest
        self.endsAt = endsAt
    }
}

/// The proofs that came with a sign-in form.
public struct SignInProof: Sendable {
    /// The stored hash that the password belongs to. Nil for a wrong password.
    public let password: PasswordHash?
    /// The time step of the code, by the stored secret. Nil for a wrong code, or none.
    public let codeStep: Int64?

    public init(password: PasswordHash?, codeStep: Int64?) {
        self.password = password
        self.codeStep = codeStep
    }
}

extension OperatorAccount {
    public enum SignInResult: Hashable, Sendable {
        case signedIn
        case refused
        /// The refusal that locks the operator for a while.
        case refusedAndLocked
    }

    /// Refused sign-ins in a row before an operator is locked.
    public static let mostFailures = 5
    /// The lock's length doubles with each further refusal, from a minute to this one.
    public static let longestLock = Duration.seconds(900)

    /// Accepts or refuses a sign-in. A locked operator is refused without a look at the proof, and the refusal does not
    /// lengthen the lock.
    public mutating func signIn(with proof: SignInProof, at now: Instant) -> SignInResult {
        if isLocked(at: now) { return .refused }
        guard let password, proof.password == password, isFresh(proof.codeStep) else {
            failures = min(failures + 1, Self.countedFailures)
            guard failures >= Self.mostFailures else { return .refused }
            lockedUntil = now + Self.lock(after: failures)
            return .refusedAndLocked
        }
        if let step = proof.codeStep, codes != nil { codes?.usedStep = step }
        (failures, lockedUntil) = (0, nil)
        return .signedIn
    }

    public func isLocked(at now: Instant) -> Bool { lockedUntil.map { now < $0 } ?? false }

    /// Whether a code is right and was not used yet. True for an operator without codes.
    private func isFresh(_ step: Int64?) -> Bool {
        guard let codes else { return true }
        return step.map { $0 > codes.usedStep } ?? false
    }

    /// More refusals change nothing.
    private static let countedFailures = 1_000

    private static func lock(after failures: Int) -> Duration {
        let doublings = min(failures - mostFailures, 4)
        return min(.seconds(60 << doublings), longestLock)
    }

    /// Sets the first password, or the one after a reset. False if the invitation is not the operator's, or is over.
    public mutating func setPassword(_ hash: PasswordHash, by digest: SecretDigest, at now: Instant) -> Bool {
        guard let invitation, invitation.digest == digest, now < invitation.endsAt else { return false }
        (password, self.invitation) = (hash, nil)
        (failures, lockedUntil) = (0, nil)
        return true
    }

    /// Replaces the password of an operator who has shown the old one. False if it was changed meanwhile.
    public mutating func changePassword(from old: PasswordHash, to new: PasswordHash) -> Bool {
        guard password == old else { return false }
        password = new
        return true
    }

    /// Turns one-time codes on, by a code of the time step. Replaces an earlier secret.
    ///
    /// - Parameter hash: the hash of the password that the operator has shown.
    public mutating func turnOnCodes(_ secret: String, usedStep: Int64, knowing hash: PasswordHash) -> Bool {
        guard password == hash else { return false }
        codes = CodeSecret(secret, usedStep: usedStep)
        return true
    }

    public mutating func turnOffCodes(knowing hash: PasswordHash) -> Bool {
        guard password == hash else { return false }
        codes = nil
        return true
    }

    public mutating func changeRole(to role: OperatorRole) {
        self.role = role
    }

    /// Forgets the password, the codes and the lock. The operator sets a password by the new invitation.
    public mutating func reset(with invitation: Invitation) {
        (password, codes, failures, lockedUntil) = (nil, nil, 0, nil)
        self.invitation = invitation
    }
}
