/// One run of one server: another server, a restart and a promotion have another identity.
package struct ServerIdentity: Hashable, Sendable {
    /// The address that the server sees itself at; empty for a Unix socket.
    package let address: String
    /// When the server started, by its own clock.
    package let startedAt: String
    /// The number of the line of WAL that the server writes. It grows with every failover. 0 if the server's hoster
    /// keeps an old primary from answering.
    package let timeline: Int64

    package init(address: String, startedAt: String, timeline: Int64) {
        self.address = address
        self.startedAt = startedAt
        self.timeline = timeline
    }

    /// - Parameter timeline: whether to ask for the timeline, which managed servers may not tell.
    init(_ connection: any LaneConnection, timeline: Bool) throws {
        // The name of a WAL file begins with the timeline, in hexadecimal.
        let line = timeline ? "('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint" : "0"
        let row = try connection.query(
            Query(
                """
                SELECT coalesce(host(inet_server_addr()) || ':' || inet_server_port(), ''),
                    pg_postmaster_start_time()::text, \(line)::bigint
                """))[0]
        self.init(address: row.text(0) ?? "", startedAt: row.text(1) ?? "", timeline: row.integer(2))
    }
}
