/// The facts about a server and its database that decide whether a commit can be lost.
package struct ServerReading: Hashable, Sendable {
    /// As in `server_version_num`: 150018 is 15.18.
    package var version: Int
    package var encoding: String
    /// Whether the server is a standby.
    package var isStandby: Bool
    /// Whether statements of one connection reach several sessions of the server.
    package var isPooled: Bool
    package var fsync: Bool
    package var fullPageWrites: Bool
    package var dataChecksums: Bool
    package var autovacuum: Bool
    /// As this session has it, by the server, the database or the role.
    package var synchronousCommit: String
    package var synchronousStandbyNames: String
    package var standbys: Standbys
    /// The server's clock less this machine's, in milliseconds, and half of the round trip as its error.
    package var clockOffset: Int64
    package var clockError: Int64

    /// The synchronous standbys that are connected.
    package enum Standbys: Hashable, Sendable {
        case connected(Int)
        /// The role may not see them.
        case hidden
    }

    package init(
        version: Int, encoding: String, isStandby: Bool, isPooled: Bool, fsync: Bool, fullPageWrites: Bool,
        dataChecksums: Bool, autovacuum: Bool, synchronousCommit: String, synchronousStandbyNames: String,
        standbys: Standbys, clockOffset: Int64, clockError: Int64
    ) {
        self.version = version
        self.encoding = encoding
        self.isStandby = isStandby
        self.isPooled = isPooled
        self.fsync = fsync
        self.fullPageWrites = fullPageWrites
        self.dataChecksums = dataChecksums
        self.autovacuum = autovacuum
        self.synchronousCommit = synchronousCommit
        self.synchronousStandbyNames = synchronousStandbyNames
        self.standbys = standbys
        self.clockOffset = clockOffset
        self.clockError = clockError
    }
}
