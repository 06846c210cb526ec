import PayCore
import PayFlow
import StoreTestSupport
import Testing

/// Each change by a person is stored with its entry, in one transaction.
struct AuditTests {
    private struct Unwell: Error {}

    private static let ann = Actor(PersonName("安 Ann")!, by: .console, from: PersonName("2001:db8::1"))
    private static let bob = Actor(PersonName("bob")!, by: .cli, from: nil)

    private let number = orderNumber("order_1")

    private func note(_ action: AuditAction = .orderClosed, by actor: Actor = ann) -> AuditNote {
        AuditNote(
            actor, action, on: "the thing; '\"", of: number, because: RulingReason("‘why’ not?"), detail: "9900 CNY")
    }

    private func entries(_ log: any AuditLog, _ listing: AuditListing = AuditListing(limit: 100)) async throws
        -> [AuditEntry]
    {
        try await log.auditEntries(listing)
    }

    @Test(arguments: StoreKind.available)
    func `an entry of every action and way is read back unchanged`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            var stored: [AuditNote] = []
            for action in AuditAction.allCases {
                for way in AuditWay.allCases {
                    let actor = Actor(Self.ann.name, by: way, from: way == .cli ? nil : Self.ann.origin)
                    let isWhole = way == .api
                    let note = AuditNote(
                        actor, action, on: "x", of: isWhole ? number : nil,
                        because: isWhole ? RulingReason("y") : nil, detail: isWhole ? "z" : nil)
                    stored.append(note)
                    try await ledger.audit(note, at: at(stored.count))
                }
            }
            let found = try await entries(ledger, AuditListing(limit: 1_000))
            #expect(found.map(\.note) == stored.reversed())
            #expect(found.map(\.at) == (1...stored.count).reversed().map(at))
            #expect(found.map(\.id) == found.map(\.id).sorted(by: >))
        }
    }

    @Test(arguments: StoreKind.available)
    func `the longest texts of every field are stored`(_ kind: StoreKind) async throws {
        // A character of four scalars: each limit of the core fits the schema's.
        let character = "e\u{301}\u{302}\u{303}"
        let name = try #require(PersonName(String(repeating: character, count: PersonName.longest)))
        let reason = try #require(RulingReason(String(repeating: character, count: RulingReason.longest)))
        let text = String(repeating: "長", count: AuditNote.longestText * 2)
        let note = AuditNote(
            Actor(name, by: .api, from: name), .channelPaused, on: text, of: number, because: reason, detail: text)
        #expect(note.subject == String(repeating: "長", count: AuditNote.longestText))
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.audit(note, at: noon)
            #expect(try await entries(ledger).map(\.note) == [note])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a list is filtered, begins with the latest entry, and is read page by page`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let other = orderNumber("order_2")
            let notes = [
                AuditNote(Self.ann, .channelPaused, on: "a"), AuditNote(Self.bob, .orderClosed, on: "b", of: number),
                AuditNote(Self.ann, .orderClosed, on: "c", of: other),
                AuditNote(Self.ann, .orderClosed, on: "d", of: number),
            ]
            // Entries of one millisecond stay in their order.
            for note in notes { try await ledger.audit(note, at: noon) }
            func subjects(
                actor: Actor? = nil, _ action: AuditAction? = nil, of order: OrderNumber? = nil, before: Int64? = nil,
                limit: Int = 9
            ) async throws -> [String] {
                let listing = AuditListing(
                    actor: actor?.name, action: action, order: order, before: before, limit: limit)
                return try await entries(ledger, listing).map(\.note.subject)
            }
            #expect(try await subjects() == ["d", "c", "b", "a"])
            #expect(try await subjects(actor: Self.ann) == ["d", "c", "a"])
            #expect(try await subjects(.orderClosed) == ["d", "c", "b"])
            #expect(try await subjects(of: number) == ["d", "b"])
            #expect(try await subjects(actor: Self.ann, .orderClosed, of: number) == ["d"])
            #expect(try await subjects(actor: Self.bob, .channelPaused) == [])
            let first = try await entries(ledger, AuditListing(limit: 2))
            #expect(first.map(\.note.subject) == ["d", "c"])
            #expect(try await subjects(before: first.last?.id, limit: 2) == ["b", "a"])
            #expect(try await subjects(actor: Self.ann, before: first.last?.id, limit: 2) == ["a"])
            #expect(try await subjects(limit: 0) == [])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a decision is stored with its entry, and an error of either stores neither`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(order("order_1"))
            let note = note()
            func raiseFence(_ fails: Bool = false, claiming claim: KeyClaim? = nil) async throws {
                _ = try await ledger.update(number, creating: nil, at: at(5)) { order in
                    let raised = Fence(order.fence.number + 1)
                    order = StoreTestSupport.order("order_1", fence: raised.number)
                    if fails { throw Unwell() }
                    return Decision(true, claiming: claim, audit: note)
                }
            }
            await #expect(throws: Unwell.self) { try await raiseFence(true) }
            #expect(try await entries(ledger).isEmpty)
            #expect(try await ledger.order(number)?.fence == Fence(0))

            try await raiseFence()
            let stored = try await entries(ledger)
            #expect(stored.map(\.note) == [note] && stored.map(\.at) == [at(5)])
            #expect(try await ledger.order(number)?.fence == Fence(1))

            // The entry can't be stored: the decision is rolled back.
            try database.tamper().executeWithoutRules("ALTER TABLE audit RENAME TO audit_elsewhere")
            await #expect(throws: (any Error).self) { try await raiseFence() }
            #expect(try await ledger.order(number)?.fence == Fence(1))
        }
    }

    @Test(arguments: StoreKind.available)
    func `a decision whose key is taken leaves no entry`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(order("order_1", attempts: [attempt(trade("order_1", 1))]))
            let (first, note) = (keyRecord("k", of: trade("order_1", 1)), note())
            let other = keyRecord("k", of: trade("order_1", 1), fingerprint: "f2")
            func decide(_ key: KeyRecord) async throws {
                _ = try await ledger.update(number, creating: nil, at: noon) { _ in
                    Decision(true, usingUp: key, audit: note)
                }
            }
            try await decide(first)
            await #expect(throws: KeyConflict.self) { try await decide(other) }
            #expect(try await entries(ledger).count == 1)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a decision on a missing order leaves no entry`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let (ledger, note) = (try await database.open(), note())
            let outcome = try await ledger.update(number, creating: nil, at: noon) { _ in Decision(true, audit: note) }
            #expect(outcome == nil)
            #expect(try await entries(ledger).isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a pause and a resume are stored with their authors, and only if they change something`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            #expect(try await !ledger.resume(sandbox, by: Self.bob, at: noon))
            #expect(try await ledger.pause(sandbox, by: Self.ann, at: at(1)))
            #expect(try await !ledger.pause(sandbox, by: Self.bob, at: at(2)))
            #expect(try await ledger.resume(sandbox, by: Self.bob, at: at(3)))
            let stored = try await entries(ledger)
            #expect(
                stored.map(\.note) == [
                    AuditNote(Self.bob, .channelResumed, on: "sandbox"),
                    AuditNote(Self.ann, .channelPaused, on: "sandbox"),
                ])
            #expect(stored.map(\.at) == [at(3), at(1)])

            try database.tamper().executeWithoutRules("ALTER TABLE audit RENAME TO audit_elsewhere")
            await #expect(throws: (any Error).self) { try await ledger.pause(sandbox, by: Self.ann, at: at(4)) }
            #expect(try await ledger.pausedChannels().isEmpty)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a difference's decisions are stored with their authors, and a repeated or late one is not`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let day = BillDay(containing: noon)
            try await ledger.put(fullOrder())
            try await ledger.load([line(1, "tx-1", of: "order_1_1", amount: 7)], of: day)
            let id = try #require(try await ledger.compare().opened.first).id
            func decide(_ verdict: DifferenceDecision.Verdict, _ note: String) async throws {
                let decision = DifferenceDecision(
                    id, verdict, note: DifferenceNote(note)!, by: PersonName("Li")!)
                _ = try await ledger.decide(decision, by: Self.ann, at: at(7))
            }
            let long = String(repeating: "a", count: DifferenceNote.longest)
            try await decide(.explain, long)
            try await decide(.close, "a coupon")
            try await decide(.close, "a coupon")
            try await decide(.close, "another")
            let unknown = DifferenceDecision(
                DifferenceID(99)!, .close, note: DifferenceNote("x")!, by: PersonName("Li")!)
            #expect(try await ledger.decide(unknown, by: Self.ann, at: noon) == nil)
            let detail = "sandbox \(day) amount, decided by Li"
            #expect(
                try await entries(ledger).map(\.note) == [
                    AuditNote(
                        Self.ann, .differenceClosed, on: "\(id)", of: number, because: RulingReason("a coupon"),
                        detail: detail),
                    AuditNote(
                        Self.ann, .differenceExplained, on: "\(id)", of: number,
                        because: RulingReason(String(long.prefix(RulingReason.longest))), detail: detail),
                ])
        }
    }

    @Test(arguments: StoreKind.available)
    func `the fetch of a bill by a person is stored with its claim`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let (day, note) = (BillDay(containing: noon), AuditNote(Self.bob, .reconciliationRun, on: "sandbox"))
            func claim(at seconds: Int, _ audit: AuditNote?) async throws -> BillClaim? {
                try await ledger.claimBill(
                    of: sandbox, day, by: WorkerID("w"), until: at(seconds + 900), at: at(seconds), audit: audit)
            }
            #expect(try await claim(at: 0, nil) != nil)
            #expect(try await claim(at: 1, note) == nil)
            #expect(try await entries(ledger).isEmpty)
            #expect(try await claim(at: 900, note) != nil)
            #expect(try await entries(ledger).map(\.note) == [note])
        }
    }

    @Test(arguments: StoreKind.available)
    func `entries of two processes have different numbers`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledgers = [try await database.open(), try await database.open()]
            let note = note()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<20 {
                    group.addTask { try await ledgers[index % 2].audit(note, at: noon) }
                }
                try await group.waitForAll()
            }
            #expect(Set(try await entries(ledgers[0]).map(\.id)).count == 20)
        }
    }
}
