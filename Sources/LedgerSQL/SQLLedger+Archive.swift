package import PayCore
package import PayFlow

extension SQLLedger {
    // Each looks by a reader first: the write lock is taken only if there is something to purge. The list is read again
    // under the lock, because another process may have been faster. A purge shares its commit with no decision, which
    // would have to wait for it.

    package func purgePages(ofOrdersOverBy instant: Instant, limit: Int) async throws -> PurgedPages {
        let isDue = try await read { try !PurgeStatements.ordersOver(by: instant, limit: 1, $0).isEmpty }
        guard isDue else { return PurgedPages(orders: 0, pages: 0) }
        return try await write(.longWork(.purge)) { db in
            let orders = try PurgeStatements.ordersOver(by: instant, limit: limit, db)
            let pages = try orders.reduce(0) { try $0 + PurgeStatements.purgePages(of: $1, db) }
            return PurgedPages(orders: orders.count, pages: pages)
        }
    }

    package func purgeKeys(expiredAt now: Instant, limit: Int) async throws -> Int {
        guard try await read({ try PurgeStatements.hasExpiredKey(at: now, $0) }) else { return 0 }
        return try await write(.longWork(.purge)) { try PurgeStatements.purgeKeys(expiredAt: now, limit: limit, $0) }
    }
}
