import PayCore
import PayFlow
import StoreTestSupport
import Testing

struct KeyTests {
    private let first = trade("order_1", 1)

    private func use(_ record: KeyRecord, at now: Instant, _ ledger: any Store) async throws {
        _ = try await ledger.update(first.order, creating: nil, at: now) { _ in Decision(true, usingUp: record) }
    }

    private func withOrder(_ kind: StoreKind, _ body: (any Store) async throws -> Void) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(order("order_1", attempts: [attempt(first), attempt(trade("order_1", 2), .failed)]))
            try await body(ledger)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a key is stored with its order, and read back unchanged`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
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

    @Test(arguments: StoreKind.available)
    func `a key is kept up to, not at, its end`(_ kind: StoreKind) async throws {
        try await withOrder(kind) { ledger in
            let record = keyRecord("k", of: first, expiresAt: at(10))
            try await use(record, at: noon, ledger)
            #expect(try await ledger.keyRecord(scoped("k"), at: at(10) - .milliseconds(1)) == record)
            #expect(try await ledger.keyRecord(scoped("k"), at: at(10)) == nil)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a repeated request updates the key's attempt`(_ kind: StoreKind) async throws {
        try await withOrder(kind) { ledger in
            try await use(keyRecord("k", of: first, fingerprint: "f1", expiresAt: at(10)), at: noon, ledger)
            let later = keyRecord("k", of: trade("order_1", 2), fingerprint: "f1", expiresAt: at(99))
            try await use(later, at: at(5), ledger)
            let kept = try await ledger.keyRecord(scoped("k"), at: at(50))
            #expect(kept?.outcome == .attempt(trade("order_1", 2)) && kept?.expiresAt == at(99))
        }
    }

    @Test(arguments: StoreKind.available)
    func `another request never replaces a key before it expires`(_ kind: StoreKind) async throws {
        try await withOrder(kind) { ledger in
            let record = keyRecord("k", of: first, fingerprint: "f1", expiresAt: at(10))
            try await use(record, at: noon, ledger)
            let later = keyRecord("k", of: trade("order_1", 2), fingerprint: "f2", expiresAt: at(99))
            await #expect(throws: KeyConflict(use: later.use, reason: .otherRequest)) {
                try await use(later, at: at(10) - .milliseconds(1), ledger)
            }
            #expect(try await ledger.keyRecord(scoped("k"), at: at(9)) == record)

            try await use(later, at: at(10), ledger)
            #expect(try await ledger.keyRecord(scoped("k"), at: at(10)) == later)
        }
    }

    /// A call works on the order under this fence, and holds its lease until then.
    private func begin(_ ledger: any Store, fence: Int64, until end: Instant, unanswered: Bool = false) async throws {
        try await ledger.put(
            order(
                "order_1", fence: fence,
                lease: Lease(owner: WorkerID("worker-a"), endsAt: end, isUnanswered: unanswered),
                attempts: [attempt(first)]))
    }

    private func claim(
        _ fingerprint: String, fence: Int64 = 3, at now: Instant, _ ledger: any Store
    ) async throws {
        let use = KeyUse(key: scoped("k"), fingerprint: fingerprint)
        let claim = KeyClaim(use: use, tradeNumber: first, fence: Fence(fence))
        _ = try await ledger.update(first.order, creating: nil, at: now) { _ in Decision(true, claiming: claim) }
    }

    private func conflict(_ fingerprint: String, _ reason: KeyConflict.Reason) -> KeyConflict {
        KeyConflict(use: KeyUse(key: scoped("k"), fingerprint: fingerprint), reason: reason)
    }

    @Test(arguments: StoreKind.available)
    func `a claim ends with its lease`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await begin(ledger, fence: 3, until: at(10))
            try await claim("f1", at: noon, ledger)
            #expect(try await ledger.keyRecord(scoped("k"), at: at(9))?.isAnswered == false)
            await #expect(throws: conflict("f2", .otherRequest)) { try await claim("f2", at: at(9), ledger) }
            try await claim("f1", at: at(9), ledger)

            // Its time is over, an answer did not come, or another has taken the order over.
            #expect(try await ledger.keyRecord(scoped("k"), at: at(10)) == nil)
            try await begin(ledger, fence: 3, until: at(10), unanswered: true)
            #expect(try await ledger.keyRecord(scoped("k"), at: at(9)) == nil)
            try await begin(ledger, fence: 4, until: at(10))
            #expect(try await ledger.keyRecord(scoped("k"), at: at(9)) == nil)
            try await claim("f2", fence: 4, at: at(9), ledger)
            await #expect(throws: conflict("f1", .otherRequest)) { try await claim("f1", at: at(9), ledger) }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a page uses up a claimed key, which can't be claimed before it expires`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await begin(ledger, fence: 3, until: at(10))
            try await claim("f1", at: noon, ledger)
            let record = keyRecord("k", of: first, fingerprint: "f1", expiresAt: at(99_999))
            try await use(record, at: at(1), ledger)
            #expect(try await ledger.keyRecord(scoped("k"), at: at(2)) == record)
            await #expect(throws: conflict("f1", .answered)) { try await claim("f1", at: at(2), ledger) }
            await #expect(throws: conflict("f2", .otherRequest)) { try await claim("f2", at: at(2), ledger) }
            #expect(try await ledger.keyRecord(scoped("k"), at: at(2)) == record)

            try await begin(ledger, fence: 4, until: at(100_005))
            try await claim("f2", fence: 4, at: at(99_999), ledger)
            #expect(try await ledger.keyRecord(scoped("k"), at: at(100_000))?.use.fingerprint == "f2")
        }
    }

    /// An order without an attempt, stored with the key of its call.
    private func begin(_ number: String, _ record: KeyRecord, at now: Instant, _ ledger: any Store) async throws {
        _ = try await ledger.update(orderNumber(number), creating: draft(number), at: now) { order in
            order.begin()
            return Decision(true, usingUp: record)
        }
    }

    @Test(arguments: StoreKind.available)
    func `an order without an attempt is stored with its key, and read back unchanged`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let record = orderKeyRecord("k", of: orderNumber("order_1"))
            try await begin("order_1", record, at: noon, ledger)
            #expect(try await ledger.order(orderNumber("order_1")) == order("order_1", fence: 1, attempts: []))
            #expect(try await ledger.keyRecord(scoped("k"), at: noon) == record)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a taken key stores no order without an attempt`(_ kind: StoreKind) async throws {
        try await withOrder(kind) { ledger in
            try await use(keyRecord("k", of: first, fingerprint: "f1", expiresAt: at(10)), at: noon, ledger)
            let other = orderKeyRecord("k", of: orderNumber("order_2"), fingerprint: "f2", expiresAt: at(99))
            await #expect(throws: KeyConflict(use: other.use, reason: .otherRequest)) {
                try await begin("order_2", other, at: at(9), ledger)
            }
            #expect(try await ledger.order(orderNumber("order_2")) == nil)

            try await begin("order_2", other, at: at(10), ledger)
            #expect(try await ledger.keyRecord(scoped("k"), at: at(10)) == other)
            let later = keyRecord("k", of: first, fingerprint: "f3", expiresAt: at(200))
            await #expect(throws: KeyConflict(use: later.use, reason: .otherRequest)) {
                try await use(later, at: at(98), ledger)
            }
            try await use(later, at: at(99), ledger)
            #expect(try await ledger.keyRecord(scoped("k"), at: at(99)) == later)
        }
    }

    @Test(arguments: StoreKind.available)
    func `an order without an attempt takes the key of a claim that has ended, and no other`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await begin(ledger, fence: 3, until: at(10))
            try await claim("f1", at: noon, ledger)
            let record = orderKeyRecord("k", of: orderNumber("order_2"), fingerprint: "f2", expiresAt: at(99_999))
            await #expect(throws: conflict("f2", .otherRequest)) {
                try await begin("order_2", record, at: at(9), ledger)
            }
            try await begin("order_2", record, at: at(10), ledger)
            #expect(try await ledger.keyRecord(scoped("k"), at: at(10)) == record)
            await #expect(throws: conflict("f1", .otherRequest)) { try await claim("f1", at: at(11), ledger) }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a key conflict rolls the whole decision back`(_ kind: StoreKind) async throws {
        try await withOrder(kind) { ledger in
            try await use(keyRecord("k", of: first, fingerprint: "f1", expiresAt: at(10)), at: noon, ledger)
            let other = KeyUse(key: scoped("k"), fingerprint: "f2")
            await #expect(throws: KeyConflict.self) {
                _ = try await ledger.update(orderNumber("order_2"), creating: draft("order_2"), at: at(1)) { made in
                    made = order("order_2", fence: 1, attempts: [attempt(trade("order_2", 1))])
                    let claim = KeyClaim(use: other, tradeNumber: trade("order_2", 1), fence: Fence(1))
                    return Decision(true, claiming: claim)
                }
            }
            #expect(try await ledger.order(orderNumber("order_2")) == nil)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a rolled-back decision stores no key`(_ kind: StoreKind) async throws {
        try await withOrder(kind) { ledger in
            await #expect(throws: (any Error).self) {
                try await use(keyRecord("k", of: trade("order_1", 3)), at: noon, ledger)
            }
            let found = try await ledger.keyRecord(scoped("k"), at: noon)
            #expect(found == nil)
        }
    }
}
