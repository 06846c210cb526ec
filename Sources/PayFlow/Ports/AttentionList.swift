public import PayCore

/// Finds what waits for a person, in every process that has the store.
public protocol AttentionList: Sendable {
    /// The longest waiting things of each kind, `limit` at most, and the number of all.
    func attention(at now: Instant, limit: Int) async throws -> Attention
}

/// The conditions of running services that no table of orders shows. Each process reports its own.
public protocol ConditionReports: Sendable {
    /// Replaces the conditions that the process reported before.
    func report(_ conditions: [ServiceCondition], of worker: WorkerID, at now: Instant) async throws
}

/// A condition of a running service that needs a person.
public struct ServiceCondition: Hashable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case circuitOpen = "circuit_open"
        case certificateEnds = "certificate_ends"
        case diskNearlyFull = "disk_nearly_full"
        case backupMissing = "backup_missing"
    }

    /// A report is shown for this long after its last repetition: the process may have been killed.
    public static let isShownFor = Duration.seconds(300)

    public let kind: Kind
    /// Nil for a condition of the whole service.
    public let channel: Channel?
    /// Tells conditions of one kind and channel apart, such as a certificate's serial number or a folder. Empty if there
    /// is one only.
    public let subject: String
    public let since: Instant
    /// The end of a certificate; nil for other kinds.
    public let endsAt: Instant?

    public static func circuitOpen(_ channel: Channel, since: Instant) -> ServiceCondition {
        ServiceCondition(kind: .circuitOpen, channel: channel, subject: "", since: since, endsAt: nil)
    }

    public static func certificateEnds(
        _ channel: Channel, serial: String, at end: Instant, since: Instant
    ) -> ServiceCondition {
        ServiceCondition(kind: .certificateEnds, channel: channel, subject: serial, since: since, endsAt: end)
    }

    public static func diskNearlyFull(_ folder: String, since: Instant) -> ServiceCondition {
        ServiceCondition(kind: .diskNearlyFull, channel: nil, subject: folder, since: since, endsAt: nil)
    }

    /// - Parameter reason: why, cut to what the store takes.
    public static func backupMissing(because reason: String, since: Instant) -> ServiceCondition {
        let subject = String(String.UnicodeScalarView(reason.unicodeScalars.prefix(longestSubject)))
        return ServiceCondition(kind: .backupMissing, channel: nil, subject: subject, since: since, endsAt: nil)
    }

    /// In Unicode scalars.
    private static let longestSubject = 255

    public init(kind: Kind, channel: Channel?, subject: String, since: Instant, endsAt: Instant?) {
        self.kind = kind
        self.channel = channel
        self.subject = subject
        self.since = since
        self.endsAt = endsAt
    }
}
