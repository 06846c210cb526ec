public import PayCore

/// The operators of the console, and their sessions.
public protocol OperatorStore: Sendable {
    /// The session with its operator's present role. Nil if there is none, or if it was ended. The caller compares the
    /// times.
    func session(_ id: SecretDigest) async throws -> OperatorSession?

    /// Stores the time of the last request of a session.
    func noteUse(of session: SecretDigest, at now: Instant) async throws
}

/// The SHA-256 of a random secret. The secret itself is not stored.
public struct SecretDigest: Hashable, Sendable {
    public static let length = 32

    public let bytes: [UInt8]

    /// Nil unless there are 32 bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == Self.length else { return nil }
        self.bytes = bytes
    }
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
