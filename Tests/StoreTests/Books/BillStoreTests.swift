import PayFlow
import PayTestSupport
import StoreTestSupport
import Testing

@testable import PayCore

/// The day of every test here.
private let day = BillDay(containing: noon)

struct BillStoreTests {
    private let rows: [BillRow] = [
        line(1, "tx-1", of: "order_1_1"), line(2, "f-1", of: "OTHER"), .other(row: 3, type: "payout"),
        .unreadable(row: 4, why: "column 5"),
    ]

    @Test(arguments: StoreKind.available)
    func `a claim holds up to its end, and is then taken over`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            func claim(_ worker: String, at seconds: Int) async throws -> BillClaim? {
                try await ledger.claimBill(
                    of: sandbox, day, by: WorkerID(worker), until: at(seconds + 900), at: at(seconds))
            }
            let first = try #require(try await claim("a", at: 0))
            #expect(try await claim("b", at: 899) == nil)
            let second = try #require(try await claim("b", at: 900))
            #expect(second.number == first.number + 1 && second.bill == first.bill)
            await #expect(throws: BillClaimLost.self) {
                try await ledger.stage([], under: first, until: at(1_800))
            }
            try await ledger.stage([], under: second, until: at(2_000))
            #expect(try await claim("a", at: 1_999) == nil)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a claim that was made before the clock was set back holds nobody up`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let later = try await ledger.claimBill(
                of: sandbox, day, by: WorkerID("a"), until: at(90_000), at: at(89_100))
            #expect(later != nil)
            #expect(try await ledger.claimBill(of: sandbox, day, by: WorkerID("b"), until: at(900), at: noon) != nil)
        }
    }

    @Test(arguments: StoreKind.available)
    func `staged rows count once the bill is loaded`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(fullOrder())
            let claim = try #require(
                try await ledger.claimBill(of: sandbox, day, by: WorkerID("w"), until: at(900), at: noon))
            try await ledger.stage(rows, under: claim, until: at(900))
            #expect(try await ledger.compare().compared == 0)
            let before = try await ledger.bills(BillListing(limit: 9)).bills[0]
            #expect(before.state == .wanted && before.figures.rows == 0)
            #expect(try await ledger.load(BillFile(digest: "d", rows: 4), under: claim, at: at(5)) == .loaded)
            let after = try await ledger.bills(BillListing(limit: 9)).bills[0]
            #expect(after.state == .loaded && after.figures.rows == 4 && after.loadedAt == at(5))
            #expect(after.figures[.waiting] == 2 && after.figures[.other] == 1 && after.figures[.unreadable] == 1)
            #expect(after.digest == "d" && after.comparedAt == nil)
        }
    }

    @Test(arguments: StoreKind.available)
    func `rows of a load that never counted are deleted, and no others`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.load(rows, of: day)
            let claim = try #require(
                try await ledger.claimBill(of: sandbox, day, by: WorkerID("w"), until: at(900), at: noon))
            try await ledger.stage(rows, under: claim, until: at(900))
            // A claim that is under way keeps its rows.
            #expect(try await ledger.deleteStaleRows(of: sandbox, limit: 3) == false)
            #expect(try database.tamper().number("SELECT count(*) FROM bill_lines") == 8)
            try await ledger.giveUp(claim, answer: "interrupted", at: noon)
            #expect(try await ledger.deleteStaleRows(of: sandbox, limit: 3) == true)
            #expect(try await ledger.deleteStaleRows(of: sandbox, limit: 3) == false)
            #expect(try database.tamper().number("SELECT count(*) FROM bill_lines") == 4)
            #expect(try await ledger.bills(BillListing(limit: 9)).bills[0].lastAnswer == "interrupted")
        }
    }

    @Test(arguments: StoreKind.available)
    func `a bill with the digest of the loaded one changes nothing`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            #expect(try await ledger.load(rows, of: day) == .loaded)
            #expect(try await ledger.load(rows, of: day) == .unchanged)
            #expect(try await ledger.load([], of: day, digest: "other") == .loaded)
            #expect(try await ledger.bills(BillListing(limit: 9)).bills.map(\.figures.rows) == [0])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a comparison goes through every row in small steps`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(fullOrder())
            let lines = (1...25).map { line($0, "f-\($0)", of: $0 % 2 == 0 ? "OTHER" : "lost_order_1") }
            try await ledger.load(lines + [line(26, "tx-1", of: "order_1_1")], of: day)
            try await ledger.load([line(1, "tx-2", of: "order_1_1")], of: day.next)
            var (place, compared, opened): (LinePlace?, Int, Int) = (nil, 0, 0)
            repeat {
                let result = try await ledger.compare(place, limit: 4)
                compared += result.compared
                opened += result.opened.count
                place = result.next
            } while place != nil
            #expect(compared == 27 && opened == 13)
            let figures = try await ledger.bills(BillListing(limit: 9)).bills.map(\.figures)
            #expect(figures[1][.foreign] == 12 && figures[1][.difference] == 13 && figures[1][.matched] == 1)
            #expect(figures[0][.matched] == 1)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a difference is stored with its event in one transaction, and read back whole`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.withEndpoint()
            try await ledger.put(fullOrder())
            try await ledger.load([line(1, "tx-1", of: "order_1_1", amount: 7)], of: day)
            let opened = try await ledger.compare().opened
            #expect(opened.count == 1)
            let stored = try #require(try await ledger.difference(opened[0].id))
            #expect(stored.finding == opened[0].finding && stored.channel == sandbox && stored.row == 1)
            #expect(stored.state == .open && stored.openedAt == noon && stored.decision == nil)
            #expect(stored.finding.here == BookedMoney(amount: 9_900, currencyCode: "CNY", status: "honest"))
            #expect(stored.finding.there == BookedMoney(amount: 7, currencyCode: "CNY", status: "succeeded"))
            let claims = try await ledger.claim(9)
            let told = try #require(claims.first)
            #expect(claims.count == 1 && told.message.event.kind == .reconciliationDifference)
            #expect(told.message.difference?.id == opened[0].id)
            #expect(told.message.difference?.finding == opened[0].finding)
            #expect(try await ledger.openDifferences(of: sandbox) == [.amount: 1])
            #expect(try await ledger.openDifferences(of: wechat) == [:])
        }
    }

    @Test(arguments: StoreKind.available)
    func `booked money waits until the next day's bill is loaded`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(fullOrder())
            func compare() async throws -> [OpenedDifference] {
                try await ledger.compareBooked(.receipts, of: sandbox, on: day, behind: nil, limit: 10, at: noon).opened
            }
            try await ledger.load([line(1, "tx-1", of: "order_1_1")], of: day)
            #expect(try await compare() == [])
            try await ledger.load([], of: day.next)
            let opened = try await compare()
            #expect(opened.map(\.finding.kind) == [.missingThere] && opened[0].finding.transactionID == "tx-2")
            #expect(try await compare() == [])
        }
    }

    @Test(arguments: StoreKind.available)
    func `booked money is compared in small steps`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(fullOrder())
            try await ledger.load([], of: day)
            try await ledger.load([], of: day.next)
            var place: BookedPlace?
            var opened: [OpenedDifference] = []
            repeat {
                let result = try await ledger.compareBooked(
                    .receipts, of: sandbox, on: day, behind: place, limit: 1, at: noon)
                opened += result.opened
                place = result.next
            } while place != nil
            #expect(opened.compactMap(\.finding.transactionID) == ["tx-1", "tx-2"])
        }
    }

    @Test(arguments: StoreKind.available)
    func `decisions are stored once, and a repeated close is the same close`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(fullOrder())
            try await ledger.load([line(1, "tx-1", of: "order_1_1", amount: 7)], of: day)
            let id = try #require(try await ledger.compare().opened.first).id
            func decide(_ verdict: DifferenceDecision.Verdict, _ note: String) async throws -> DecidedDifference? {
                try await ledger.decide(
                    DifferenceDecision(id, verdict, note: DifferenceNote(note)!, by: PersonName("Li")!), at: at(7))
            }
            guard case .decided(let explained) = try await decide(.explain, "a voucher") else {
                Issue.record("not explained")
                return
            }
            #expect(explained.state == .explained && explained.decision?.note.text == "a voucher")
            #expect(try await ledger.openDifferences(of: sandbox) == [:])
            guard case .decided(let closed) = try await decide(.close, "a coupon") else {
                Issue.record("not closed")
                return
            }
            #expect(closed.state == .closed && closed.ending == .decided && closed.closedAt == at(7))
            #expect(try await decide(.close, "a coupon") == .decided(closed))
            #expect(try await decide(.close, "another") == .alreadyClosed(closed))
            #expect(try await decide(.explain, "a coupon") == .alreadyClosed(closed))
            let unknown = DifferenceDecision(
                DifferenceID(99)!, .close, note: DifferenceNote("x")!, by: PersonName("Li")!)
            #expect(try await ledger.decide(unknown, at: noon) == nil)
        }
    }

    @Test(arguments: StoreKind.available)
    func `lists are filtered and have cursors`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(fullOrder())
            let lost = (2...5).map { line($0, "f-\($0)", of: "lost_order_1") }
            let rows = [line(1, "tx-1", of: "order_1_1", amount: 7)] + lost
            try await ledger.load(rows, of: day)
            try await ledger.load([], of: day.next)
            _ = try await ledger.compare()
            func kinds(_ listing: DifferenceListing) async throws -> [DifferenceKind] {
                try await ledger.differences(listing).differences.map(\.finding.kind)
            }
            #expect(try await kinds(DifferenceListing(kind: .amount, limit: 9)) == [.amount])
            #expect(try await kinds(DifferenceListing(order: orderNumber("order_1"), limit: 9)) == [.amount])
            #expect(try await kinds(DifferenceListing(state: .closed, limit: 9)) == [])
            #expect(try await kinds(DifferenceListing(channel: wechat, limit: 9)) == [])
            let first = try await ledger.differences(DifferenceListing(state: .open, channel: sandbox, limit: 3))
            #expect(first.differences.count == 3)
            let rest = try await ledger.differences(
                DifferenceListing(state: .open, channel: sandbox, limit: 3, after: first.next))
            #expect(rest.differences.count == 2 && rest.next == nil)
            #expect(Set((first.differences + rest.differences).map(\.id)).count == 5)
            let bills = try await ledger.bills(BillListing(limit: 1))
            #expect(bills.bills.map(\.day) == [day.next])
            #expect(try await ledger.bills(BillListing(limit: 1, after: bills.next)).bills.map(\.day) == [day])
        }
    }
}
