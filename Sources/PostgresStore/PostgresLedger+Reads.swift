import LedgerSQL
package import PayCore
package import PayFlow

/// The reads of the hot path, each in as few round trips as it takes.
extension PostgresLedger {
    package func livePage(for query: LivePageQuery, at now: Instant) async throws -> LivePage? {
        try await lanes.findOnce { try LivePageStatement.run(query, at: now, $0) }
    }

    /// The server has to be asked.
    package func livePageAtOnce(for query: LivePageQuery, at now: Instant) -> LivePage? { nil }

    package func order(_ number: OrderNumber) async throws -> Order? {
        try await lanes.find { db in
            let load = OrderBatchLoad([number])
            return try OrderBatchLoad.orders(try db.pipeline([load.own] + load.parts))[number.text]
        }
    }

    /// One round trip for a page, or for an order that is not stored, and another for the rest of a stored order.
    package func look(
        at number: OrderNumber, for query: LivePageQuery?, key: ScopedKey?, at now: Instant
    ) async throws -> PayLook {
        try await lanes.find { db in
            let load = OrderBatchLoad([number])
            let queries = [
                query.map { Query(LivePageStatement.sql, values: LivePageStatement.values(of: $0, at: now)) },
                key.map { Query(KeyRows.selection, values: KeyRows.values(of: $0, at: now)) },
            ]
            let found = try db.pipeline(queries.compactMap { $0 } + [Query(ChannelRows.selection), load.own])
            var asked = found.dropLast(2)
            let page = try query.flatMap { query in
                try asked.popFirst()?.map { try LivePageStatement.livePage($0, for: query) }.first
            }
            let record = try key.flatMap { key in try asked.popFirst()?.map { try KeyRows.record(of: key, $0) }.first }
            if let page { return PayLook(.page(page), key: record, paused: nil) }
            let (pauses, own) = (found[found.count - 2], found[found.count - 1])
            let paused = try pauses.map { try ChannelRows.pause($0).0 }
            let order = own.count > 0 ? try OrderBatchLoad.orders([own] + db.pipeline(load.parts))[number.text] : nil
            return PayLook(.order(order), key: record, paused: Set(paused))
        }
    }
}
