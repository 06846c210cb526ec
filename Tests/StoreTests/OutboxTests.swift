import PayFlow
import StoreTestSupport
import Testing

@testable import PayCore

struct OutboxTests {
    private let first = trade("order_1", 1)

    @Test(arguments: StoreKind.available)
    func `a message has its order's, payment's and refund's particulars`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.withEndpoint()
            try await ledger.tell([
                event(.orderPaid, of: first, "tx-1"), event(.paymentDuplicate, of: first, "tx-2"),
                event(.refundNeedsAttention, of: first, "tx-2", code: "NOT_ENOUGH"),
                event(.refundSucceeded, of: first, "tx-2"), event(.orderClosed),
            ])
            var sent: [EventMessage] = []
            while let claim = try await ledger.claim(61).first {
                sent.append(claim.message)
                #expect(try await ledger.finish(claim, .accepted, 61))
            }
            let full = fullOrder()
            #expect(
                sent.map(\.event.kind) == [
                    .orderPaid, .paymentDuplicate, .refundNeedsAttention, .refundSucceeded, .orderClosed,
                ])
            #expect(sent.map(\.event.providerCode) == [nil, nil, "NOT_ENOUGH", nil, nil])
            #expect(
                sent.allSatisfy {
                    $0.order.number == full.number && $0.order.userID == full.userID && $0.order.money == yuan
                        && $0.order.subject == full.subject && $0.event.at == at(61)
                })
            #expect(sent.map { $0.payment?.transactionID.text } == ["tx-1", "tx-2", "tx-2", "tx-2", nil])
            #expect(sent[1].payment == full.receipts[1].receipt)
            #expect(sent.map { $0.refund?.number } == [nil, nil, "order_1_1_r2", "order_1_1_r2", nil])
            #expect(sent[2].refund?.money == yuan)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a claim holds up to, not at, its end, and only the latest one is answered, once`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.withEndpoint()
            try await ledger.tell([event(.orderPaid, of: first, "tx-1")])
            let old = try #require(try await ledger.claim(61).first)
            #expect(try await ledger.claim(80).isEmpty)
            let new = try #require(try await ledger.claim(81).first)
            #expect(old.message == new.message && old.tries == 1 && new.tries == 2)
            #expect(try await ledger.finish(old, .accepted, 82) == false)
            #expect(try await ledger.records().map(\.state) == [.pending])
            #expect(try await ledger.finish(new, .refused(status: 503), 83))
            #expect(try await ledger.finish(new, .accepted, 84) == false)
            let record = try #require(try await ledger.records().first)
            #expect(record.state == .pending && record.lastAnswer == "answered with 503" && record.nextAt == at(113))
        }
    }

    @Test(arguments: StoreKind.available)
    func `a pending message holds back later messages of its order only`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.withEndpoint()
            try await ledger.tell([event(.orderPaid, of: first, "tx-1"), event(.paymentDuplicate, of: first, "tx-2")])
            try await ledger.tell([event(.orderPaid, of: trade("order_2", 1), "tx-1")], of: "order_2")
            let claims = try await ledger.claim(61)
            #expect(claims.map(\.message.order.number.text) == ["order_1", "order_2"])
            #expect(try await ledger.claim(61).isEmpty)
            #expect(try await ledger.finish(claims[0], .unanswered(reason: "no"), 62))
            #expect(try await ledger.claim(66).isEmpty)
            let again = try await ledger.claim(67)
            #expect(again.map(\.message) == [claims[0].message])
            #expect(try await ledger.finish(again[0], .accepted, 68))
            #expect(try await ledger.claim(68).map(\.message.event.kind) == [.paymentDuplicate])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a claim without due messages writes nothing`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            // Given one that was delivered, one that waits with another behind it, and one that is being sent.
            let ledger = try await database.open()
            try await ledger.withEndpoint()
            try await ledger.tell([event(.orderPaid, of: first, "tx-1"), event(.paymentDuplicate, of: first, "tx-2")])
            for claim in try await ledger.claim(61) { _ = try await ledger.finish(claim, .accepted, 61) }
            for claim in try await ledger.claim(61) { _ = try await ledger.finish(claim, .refused(status: 500), 61) }
            try await ledger.tell([event(.orderClosed)])
            try await ledger.tell([event(.orderClosed)], of: "order_3")
            #expect(try await ledger.claim(61).count == 1)

            // When, then
            let watcher = try database.tamper()
            let before = try watcher.writes()
            for _ in 0..<1_000 { #expect(try await ledger.claim(65).isEmpty) }
            #expect(try watcher.writes() == before)
            #expect(try await ledger.claim(66).count == 1)
            #expect(try watcher.writes() != before, "else the watcher sees nothing")
        }
    }

    @Test(arguments: StoreKind.available)
    func `due messages are found without those behind a pending one`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.withEndpoint()
            for number in 1...50 {
                let name = "order_\(number)"
                try await ledger.tell(
                    [event(.orderPaid, of: trade(name, 1), "tx-\(number)"), event(.orderClosed)], of: name)
            }
            for claim in try await ledger.claim(61) {
                _ = try await ledger.finish(claim, .unanswered(reason: "down"), 61)
            }
            for number in 1...50 { try await ledger.tell([event(.orderExpired)], of: "order_\(number)") }
            let looked = try database.tamper().number(
                "SELECT count(*) FROM deliveries WHERE state = 'pending' AND next_at < \(at(66).milliseconds)")
            #expect(looked == 0)
            #expect(try await ledger.claim(66).count == 50)
        }
    }

    @Test(arguments: StoreKind.available)
    func `an unreadable message is parked, and holds up no other`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.withEndpoint()
            try await ledger.tell([event(.orderPaid, of: first, "tx-1"), event(.orderClosed)])
            try await ledger.tell([event(.orderClosed)], of: "order_2")
            try database.tamper().executeWithoutRules(
                "UPDATE receipts SET names_our_account = 7 WHERE trade_no = 'order_1_1'")
            let claimed = try await ledger.claimDeliveries(
                to: .standard, dueAt: at(61), until: at(81), limit: 10)
            #expect(claimed.unreadable == [orderNumber("order_1")])
            #expect(claimed.claims.map(\.message.order.number.text) == ["order_2"])
            let parked = try #require(try await ledger.records(.parked).first)
            #expect(parked.lastAnswer?.contains("column names_our_account") == true)
            #expect(try await ledger.claim(61).map(\.message.event.kind) == [.orderClosed])
        }
    }

    @Test(arguments: StoreKind.available)
    func `messages are listed by state and order, the latest first`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.withEndpoint()
            for name in ["order_1", "order_2", "order_3"] {
                try await ledger.tell([event(.orderClosed), event(.orderExpired)], of: name)
            }
            let claim = try #require(try await ledger.claim(61, limit: 1).first)
            #expect(try await ledger.finish(claim, .accepted, 62))
            #expect(try await ledger.records().map(\.id.number) == [6, 5, 4, 3, 2, 1])
            #expect(try await ledger.records(limit: 2).map(\.id.number) == [6, 5])
            #expect(try await ledger.records(of: "order_1").map(\.state) == [.pending, .delivered])
            #expect(try await ledger.records(.pending, of: "order_1").map(\.id.number) == [2])
            let delivered = try #require(try await ledger.records(.delivered).first)
            #expect(delivered.deliveredAt == at(62) && delivered.tries == 1 && delivered.lastAnswer == "accepted")
            #expect(try await ledger.records(.parked) == [])
        }
    }
}
