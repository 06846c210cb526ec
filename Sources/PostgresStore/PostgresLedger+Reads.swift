import LedgerSQL
package import PayCore
package import PayFlow

/// The reads of the hot path, each in as few round trips as it takes.
extension PostgresLedger {
    package func livePage(for query: LivePageQuery, at now: Instant) async throws -> LivePage? {
        try await lanes.findOnce { try LivePageStatement.run(query, at: now, $0) }
    }

    package func order(_ number: OrderNumber) async throws -> Order? {
        try await lanes.find { db in
            try OrderBatchLoad.orders(try db.pipeline(OrderBatchLoad([number]).reading))[number.text]
        }
    }

    /// One round trip for a page, and another for the order if there is none.
    package func look(
        at number: OrderNumber, for query: LivePageQuery?, key: ScopedKey?, at now: Instant
    ) async throws -> PayLook {
        try await lanes.find { db in
            let queries = [
                query.map { Query(LivePageStatement.sql, values: LivePageStatement.values(of: $0, at: now)) },
                key.map { Query(KeyRows.selection, values: KeyRows.values(of: $0, at: now)) },
            ]
            var found = try db.pipeline(queries.compactMap { $0 })[...]
            let page = try query.flatMap { query in
                try found.popFirst()?.map { try LivePageStatement.livePage($0, for: query) }.first
            }
            let record = try key.flatMap { key in try found.popFirst()?.map { try KeyRows.record(of: key, $0) }.first }
            if let page { return PayLook(.page(page), key: record, paused: nil) }
            let rest = try db.pipeline([Query(ChannelRows.selection)] + OrderBatchLoad([number]).reading)
            let paused = try rest[0].map { try ChannelRows.pause($0).0 }
            let order = try OrderBatchLoad.orders(rest.dropFirst())[number.text]
            return PayLook(.order(order), key: record, paused: Set(paused))
        }
    }
}
