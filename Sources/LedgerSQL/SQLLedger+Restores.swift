package import PayCore
package import PayFlow

extension SQLLedger {
    package func markRestored(_ number: Int?, audit: AuditNote?, at now: Instant) async throws -> Restore {
        try await write(.longWork(.restore)) { db in
            let restore = try RestoreRows.mark(number, at: now, db)
            if let audit { try AuditRows.append(audit, at: now, db) }
            return restore
        }
    }

    package func restores() async throws -> [Restore] { try await read { try RestoreRows.list($0) } }

    package func ordersToSearch(after number: OrderNumber?, limit: Int) async throws -> [OrderNumber] {
        try await read { try RestoreRows.ordersToSearch(after: number, limit: limit, $0) }
    }

    package func endSearch(of number: OrderNumber) async throws {
        try await write(.statements) { try RestoreRows.remove(number, $0) }
    }

    package func noticedTrades(of number: OrderNumber) async throws -> [NoticedTrade] {
        try await read { try RestoreRows.noticedTrades(of: number, $0) }
    }
}
