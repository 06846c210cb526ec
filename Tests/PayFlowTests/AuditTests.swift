import PayCore
import PayFlow
import PayTestSupport
import Testing

/// The entries of the audit, by the flows that people start.
@Suite struct `A change by a person` {
    private let ann = Actor(PersonName("ann")!, by: .console, from: PersonName("203.0.113.7"))
    private let shop = Actor(PersonName("api key")!, by: .api, from: nil)

    private func entries(_ world: World) async throws -> [AuditNote] {
        try await world.store.auditEntries(AuditListing(limit: 100)).map(\.note).reversed()
    }

    private func wish(_ amount: Int64, _ name: String, reason: String? = nil) -> RefundWish {
        RefundWish(
            number: RefundNumber(name)!, amount: amount, reason: reason.map { RefundReason($0)! }, refundable: nil)
    }

    private func refundKey(_ key: String, _ fingerprint: String = "r") -> KeyUse {
        use(key, fingerprint, scope: "merchant POST /v1/payments/\(number)/refunds")
    }

    @Test func `a close leaves one entry in its first commit, whatever follows`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let entry = AuditNote(ann, .orderClosed, on: number.text, of: number)
            world.sandbox.willClose(.accepted)
            let hold = world.sandbox.willHoldQuery(then: .closed)
            let closing = Task { try await process.close(number, by: ann).state }
            await hold.waitForArrival()
            // The order is not closed yet, but its attempt is closing.
            #expect(try await entries(world) == [entry])
            hold.release()
            #expect(try await closing.value == .closed)
            #expect(try await process.close(number, by: shop).state == .closed)
            #expect(try await entries(world) == [entry])
        }
    }

    @Test func `a close that finds a payment has an entry, and a close of a paid order has none`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.sandbox.willClose(.alreadyPaid)
            world.sandbox.willQuery(.paid(receipt()))
            #expect(try await process.close(number, by: ann).refusal == .orderNotNew(.paid))
            #expect(try await process.close(number, by: shop).refusal == .orderNotNew(.paid))
            #expect(try await process.close(OrderNumber("another_1")!, by: shop).refusal == .noSuchOrder)
            #expect(try await entries(world).map(\.actor) == [ann])
        }
    }

    @Test func `an order without an attempt is closed with an entry`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            _ = try await process.pay(PayFlowTests.firstPay(number, nil, nil, at: world.start))
            #expect(try await process.close(number, by: ann).state == .closed)
            #expect(try await entries(world).map(\.action) == [.orderClosed])
        }
    }

    @Test func `a refund has an entry once, and a refused or repeated one has none`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            await world.notify(receipt(), process)
            let request = RequestRefund(process.flows)
            for key in ["k1", "k1", "k2"] {
                _ = try await request(wish(600, "R1", reason: "a tear"), of: number, under: refundKey(key), by: shop)
            }
            guard
                case .refused(.tooMuch) = try await request(
                    wish(9_900, "R2"), of: number, under: refundKey("k3"), by: shop),
                case .keyReused = try await request(wish(1, "R3"), of: number, under: refundKey("k1", "s"), by: shop)
            else {
                Issue.record("not refused")
                return
            }
            #expect(
                try await entries(world) == [
                    AuditNote(
                        shop, .refundRequested, on: "\(first)_m1", of: number, because: RulingReason("a tear"),
                        detail: "600 CNY")
                ])
        }
    }

    @Test func `a retry has an entry with the number that the provider gets`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            await world.notify(receipt(), process)
            _ = try await RequestRefund(process.flows)(wish(600, "R1"), of: number, under: refundKey("k"), by: shop)
            let retry = RetryRefund(process.flows)
            _ = try await retry("R1", of: number, by: ann)
            #expect(try await entries(world).count == 1)
            world.sandbox.willRefund(.closed(reason: "CLOSED"), .closed(reason: "CLOSED"))
            _ = try await process.refunds.runOnce(at: world.clock.now())
            _ = try await retry("R1", of: number, by: ann)
            _ = try await retry("R2", of: number, by: ann)
            #expect(
                try await entries(world).dropFirst() == [
                    AuditNote(ann, .refundRetried, on: "\(first)_m1_2", of: number, detail: "600 CNY")
                ])
        }
    }

    @Test(arguments: [(DisputeVerdict.accept, AuditAction.disputeAccepted), (.refund, .disputeRefunded)])
    func `a ruling has an entry with its reason, and names the person behind the shop's call`(
        _ verdict: DisputeVerdict, _ action: AuditAction
    ) async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            await world.notify(receipt(amount: 9_800), process)
            let decide = DecideDispute(process.flows)
            let (li, why) = (PersonName("Li")!, RulingReason("by phone")!)
            let ruling = DisputeRuling(verdict, by: li, reason: why)
            _ = try await decide(ruling, on: TransactionID("tx-9")!, of: number, by: shop)
            #expect(try await entries(world).isEmpty)
            for _ in 1...2 { _ = try await decide(ruling, on: TransactionID("tx-1")!, of: number, by: shop) }
            #expect(
                try await entries(world) == [
                    AuditNote(
                        shop, action, on: "tx-1", of: number, because: why, detail: "9800 CNY, decided by Li")
                ])
        }
    }

    @Test func `the clock's own changes have no entry`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            await world.notify(receipt(), process)
            await world.notify(receipt(of: first, "tx-2"), process, id: "n-2")
            world.sandbox.willRefund(.succeeded())
            _ = try await process.refunds.runOnce(at: world.clock.now())
            #expect(try await world.order().refunds.map(\.state) == [.succeeded])
            #expect(try await entries(world).isEmpty)
        }
    }

    @Test func `the fetch of a bill has an entry if a person ordered it, and none by the clock`() async throws {
        try await withPaidBooks { books in
            books.bills.set(today, [paymentLine()])
            try await books.load(today)
            #expect(try await entries(books.world).isEmpty)
            #expect(try await books.reconcile.fetch(sandbox, today, by: ann) == .unchanged)
            #expect(
                try await entries(books.world) == [AuditNote(ann, .reconciliationRun, on: "sandbox \(today)")])
        }
    }

    @Test func `texts of others are one line of limited length`() {
        let note = AuditNote(ann, .channelPaused, on: "a\nb\u{1B}[2J", detail: "")
        #expect(note.subject == "a b [2J" && note.detail == "-")
        let long = AuditNote(ann, .channelPaused, on: String(repeating: "x", count: 900))
        #expect(long.subject.count == AuditNote.longestText)
    }
}
