import GRDB
import PayCore
import PayFlow
import PayStore
import Testing

struct KeyTests {
    private let first = trade("order_1", 1)

    private func use(_ record: KeyRecord, at now: Instant, _ ledger: SQLiteLedger) async throws {
        _ = try await ledger.update(first.order, creating: nil, at: now) { _ in Decision(true, usingUp: record) }
    }

    private func withOrder(_ body: (SQLiteLedger) async throws -> Void) async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(order("order_1", attempts: [attempt(first), attempt(trade("order_1", 2), .failed)]))
            try await body(ledger)
        }
    }

    @Test func `a key is stored with the order that it made, and found as it was`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            let record = keyRecord("\"quoted\"", of: first)
            let made = order("order_1", attempts: [attempt(first)])
            _ = try await ledger.update(made.number, creating: draft("order_1"), at: noon) { order in
                order = made
                return Decision(true, usingUp: record)
            }
            #expect(try await ledger.keyRecord(scoped("quoted"), at: noon) == record)
            #expect(try await ledger.keyRecord(scoped("Quoted"), at: noon) == nil)
            let elsewhere = ScopedKey(scope: "user 7", key: record.use.key.key)
            #expect(try await ledger.keyRecord(elsewhere, at: noon) == nil)
        }
    }

    @Test func `a key is kept up to, not at, its end`() async throws {
        try await withOrder { ledger in
            let record = keyRecord("k", of: first, expiresAt: at(10))
            try await use(record, at: noon, ledger)
            #expect(try await ledger.keyRecord(scoped("k"), at: at(10) - .milliseconds(1)) == record)
            #expect(try await ledger.keyRecord(scoped("k"), at: at(10)) == nil)
        }
    }

    @Test func `the same request again refers to what it came to now`() async throws {
        try await withOrder { ledger in
            try await use(keyRecord("k", of: first, fingerprint: "f1", expiresAt: at(10)), at: noon, ledger)
            let later = keyRecord("k", of: trade("order_1", 2), fingerprint: "f1", expiresAt: at(99))
            try await use(later, at: at(5), ledger)
            let kept = try await ledger.keyRecord(scoped("k"), at: at(50))
            #expect(kept?.tradeNumber == trade("order_1", 2) && kept?.expiresAt == at(99))
        }
    }

    @Test func `the first request of a key that is kept stands, whatever other comes after it`() async throws {
        try await withOrder { ledger in
            let record = keyRecord("k", of: first, fingerprint: "f1", expiresAt: at(10))
            try await use(record, at: noon, ledger)
            let later = keyRecord("k", of: trade("order_1", 2), fingerprint: "f2", expiresAt: at(99))
            try await use(later, at: at(10) - .milliseconds(1), ledger)
            #expect(try await ledger.keyRecord(scoped("k"), at: at(9)) == record)

            try await use(later, at: at(10), ledger)
            #expect(try await ledger.keyRecord(scoped("k"), at: at(10)) == later)
        }
    }

    @Test func `a key for what did not happen is not stored`() async throws {
        try await withOrder { ledger in
            await #expect(throws: DatabaseError.self) {
                try await use(keyRecord("k", of: trade("order_1", 3)), at: noon, ledger)
            }
            let found = try await ledger.keyRecord(scoped("k"), at: noon)
            #expect(found == nil)
        }
    }
}
