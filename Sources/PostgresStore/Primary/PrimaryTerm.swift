/// The beginning of a primary's work. A new primary gets no writes before the silence is over.
enum PrimaryTerm {
    /// The same as ``wait(for:on:sleep:)``, for a process that doesn't know the durability: a database in which no service
    /// has noted a term has no other primary. Blocks.
    static func waitIfNoted(on connection: any LaneConnection, sleep: (Duration) -> Void) throws {
        let terms = try connection.query(Query("SELECT 1 FROM primary_terms LIMIT 1"))
        guard terms.count > 0 else { return }
        try wait(for: ServerIdentity(connection, timeline: true), on: connection, sleep: sleep)
    }

    /// Notes the beginning if this process is the first to meet the primary, and waits for the end of the silence, by
    /// the server's clock. Blocks.
    static func wait(
        for server: ServerIdentity, on connection: any LaneConnection, sleep: (Duration) -> Void
    ) throws {
        let age = Query(
            """
            SELECT (extract(epoch FROM clock_timestamp() - began) * 1000)::bigint FROM primary_terms
            WHERE timeline = $1::bigint
            """, [.integer(server.timeline)])
        if try connection.query(age).count == 0 {
            _ = try connection.commit([
                Query("BEGIN"),
                Query(
                    "INSERT INTO primary_terms (timeline) VALUES ($1::bigint) ON CONFLICT (timeline) DO NOTHING",
                    [.integer(server.timeline)]),
            ])
        }
        let rows = try connection.query(age)
        guard rows.count == 1 else { throw ConnectionLost.closed(because: "the primary's term is not stored") }
        // A clock that was set back makes the wait no longer than the whole silence.
        let rest = PrimaryState.silence - max(.zero, .milliseconds(rows[0].integer(0)))
        if rest > .zero { sleep(rest) }
    }
}
