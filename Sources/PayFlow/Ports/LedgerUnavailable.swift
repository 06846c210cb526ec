/// The database can't be used at the moment. The same call may be made again later. Nothing was decided, except
/// perhaps for the reason ``Reason/outcomeUnknown``.
///
/// Every store throws this error for an outage, so that callers need not know which database they have.
public struct LedgerUnavailable: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: String, CaseIterable, Sendable {
        /// Another process held the write lock for longer than a write waits.
        case busy
        /// The disk, or the size that the file may have, is full.
        case full
        case readOnly = "read_only"
        /// The file was deleted, moved or replaced: writes would go into a file that no later start opens.
        case moved
        /// Reading or writing failed below the database.
        case inputOutput = "io_error"
        /// The file's content is not a database any more.
        case damaged
        /// No connection to the database's server could be made or kept.
        case unreachable
        /// The server is a standby: it takes no writes.
        case notPrimary = "not_primary"
        /// The connection broke during a commit, and the outcome could not be found out. The write may be stored.
        case outcomeUnknown = "outcome_unknown"
        /// This machine's clock and the server's are too far apart for leases and deadlines.
        case clockDiffers = "clock_differs"
        /// Too many calls wait for the database, or its server has no room for another.
        case overloaded
    }

    /// How long a caller waits before the next try. An outage rarely ends sooner, and a provider waits longer anyway.
    public static let retryAfter = Duration.seconds(5)

    public let reason: Reason

    public init(_ reason: Reason) {
        self.reason = reason
    }

    public var description: String {
        switch reason {
        case .busy: "the database is locked by another process"
        case .full: "the database's disk is full"
        case .readOnly: "the database is read-only"
        case .moved: "the database file was deleted, moved or replaced while the service ran"
        case .inputOutput: "reading or writing the database file failed"
        case .damaged: "the database file is damaged"
        case .unreachable: "the database server can't be reached"
        case .notPrimary: "the database server is a standby and takes no writes"
        case .outcomeUnknown: "the connection broke during a commit, and its outcome is not known yet"
        case .clockDiffers: "this machine's clock differs too much from the database server's"
        case .overloaded: "too many calls wait for the database"
        }
    }
}
