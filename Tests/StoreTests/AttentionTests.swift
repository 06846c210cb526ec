import PayFlow
import PayTestSupport
import StoreTestSupport
import Testing

@testable import PayCore

/// The things that wait for a person, as the store finds them.
struct AttentionTests {
    private let refused = HistoryNote.unlistedRefusal + "code:PARAM_ERROR"

    private func refund(
        _ number: String, of transaction: String, _ state: RefundState, amount: Int64 = yuan.amount,
        cause: RefundCause = .duplicate, refusedTries: RefusedTries? = nil
    ) -> Refund {
        Refund(
            number: number, tradeNumber: trade("order_1", 1), transactionID: TransactionID(transaction)!,
            money: Money(amount: amount, currency: yuan.currency)!, cause: cause, state: state, createdAt: at(61),
            askAt: state.isUnderWay ? at(90) : nil, refusedTries: refusedTries,
            providerCode: state == .failed ? "NOT_ENOUGH" : nil, refundedAt: state == .succeeded ? at(80) : nil)
    }

    /// An order that was paid once, and then again by each of these refunds' payments.
    private func paid(_ refunds: [Refund]) -> Order {
        let first = trade("order_1", 1)
        return order(
            "order_1", state: .paid(by: first, at: at(60)), fence: 1, attempts: [attempt(first, .paid)],
            receipts: [recorded(receipt(first, "tx-1"), .honest)]
                + refunds.map { recorded(receipt(first, $0.transactionID.text), .duplicate) },
            refunds: refunds)
    }

    @Test(arguments: StoreKind.available)
    func `nothing waits in a database without trouble`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            #expect(try await ledger.attention(at: noon, limit: 10).items == [])
            try await ledger.put(fullOrder())
            let attention = try await ledger.attention(at: noon, limit: 10)
            #expect(attention.items == [])
            #expect(attention.counts.values.allSatisfy { $0 == 0 })
        }
    }

    @Test(arguments: StoreKind.available)
    func `disputed payments wait, the oldest first, until they are decided`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            for (name, second) in [("order_1", 70), ("order_2", 65)] {
                let number = trade(name, 1)
                let disputed = RecordedReceipt(
                    receipt: receipt(number, "tx-\(name)", amount: 1), standing: .disputed, recordedAt: at(second))
                try await ledger.put(
                    order(name, fence: 1, attempts: [attempt(number)], receipts: [disputed]))
            }
            let attention = try await ledger.attention(at: at(100), limit: 10)
            #expect(attention.items.map(\.kind) == [.dispute, .dispute])
            #expect(attention.items.map(\.since) == [at(65), at(70)])
            #expect(attention.items.map(\.order?.text) == ["order_2", "order_1"])
            #expect(attention.counts[.dispute] == 2)

            let number = trade("order_2", 1)
            let decided = recorded(receipt(number, "tx-order_2"), .honest)
            try await ledger.put(
                order(
                    "order_2", state: .paid(by: number, at: at(80)), fence: 2, attempts: [attempt(number, .paid)],
                    receipts: [
                        RecordedReceipt(receipt: decided.receipt, standing: .honest, recordedAt: at(65))
                    ]))
            #expect(try await ledger.attention(at: at(100), limit: 10).items.map(\.order?.text) == ["order_1"])
        }
    }

    @Test(arguments: StoreKind.available)
    func `failed refunds and refunds that need attention wait, others don't`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let tries = RefusedTries(count: 6, since: at(70))
            try await ledger.put(
                paid([
                    refund("order_1_1_r2", of: "tx-2", .failed),
                    refund("order_1_1_r3", of: "tx-3", .needsAttention, refusedTries: tries),
                    refund("order_1_1_r4", of: "tx-4", .pending), refund("order_1_1_r5", of: "tx-5", .submitted),
                    refund("order_1_1_r6", of: "tx-6", .succeeded),
                ]))
            let attention = try await ledger.attention(at: at(100), limit: 10)
            #expect(attention.items.map(\.kind) == [.refundFailed, .refundNeedsAttention])
            #expect(attention.items.map(\.since) == [at(61), at(70)])
            #expect(
                attention.items.map(\.command) == [
                    "paypage refunds retry order_1_1_r2", "paypage refunds retry order_1_1_r3",
                ])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a failed refund waits while something of its payment is left, one that needs attention always`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let first = trade("order_1", 1)
            func waiting(_ refunds: [(RefundState, Int64)]) async throws -> [String] {
                let refunds = refunds.enumerated().map { index, part in
                    refund("order_1_1_m\(index + 1)", of: "tx-1", part.0, amount: part.1, cause: .merchant)
                }
                try await ledger.put(
                    order(
                        "order_1", state: .paid(by: first, at: at(60)), fence: 1, attempts: [attempt(first, .paid)],
                        receipts: [recorded(receipt(first, "tx-1"), .honest)], refunds: refunds))
                return try await ledger.attention(at: at(100), limit: 10).items.map(\.command)
            }
            let retry = "paypage refunds retry order_1_1_m1"
            #expect(try await waiting([(.failed, 5_000)]) == [retry])
            #expect(try await waiting([(.failed, 5_000), (.pending, 4_999)]) == [retry])
            #expect(try await waiting([(.failed, 5_000), (.pending, 4_999), (.pending, 4_901)]) == [])
        }
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let refunds = [
                refund("order_1_1_m1", of: "tx-1", .needsAttention, amount: 4_900, cause: .merchant),
                refund("order_1_1_m2", of: "tx-1", .succeeded, amount: 5_000, cause: .merchant),
            ]
            let first = trade("order_1", 1)
            try await ledger.put(
                order(
                    "order_1", state: .paid(by: first, at: at(60)), fence: 1, attempts: [attempt(first, .paid)],
                    receipts: [recorded(receipt(first, "tx-1"), .honest)], refunds: refunds))
            #expect(
                try await ledger.attention(at: at(100), limit: 10).items.map(\.command)
                    == ["paypage refunds retry order_1_1_m1"], "another refund as large says nothing about this one")
        }
    }

    @Test(arguments: StoreKind.available)
    func `an open difference waits until it is explained`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(fullOrder())
            try await ledger.load(
                [line(1, "tx-1", of: "order_1_1", amount: 7)], of: BillDay(containing: noon))
            let opened = try #require(try await ledger.compare().opened.first)
            let attention = try await ledger.attention(at: at(100), limit: 10)
            #expect(attention.items.map(\.kind) == [.difference])
            #expect(attention.items.first?.order?.text == "order_1")
            #expect(
                attention.items.first?.command == "paypage differences explain \(opened.id) --note ...")
            let decision = DifferenceDecision(
                opened.id, .explain, note: DifferenceNote("a voucher")!, by: PersonName("Li")!)
            _ = try await ledger.decide(decision, at: at(101))
            #expect(try await ledger.attention(at: at(102), limit: 10).items == [])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a parked webhook waits until it is resent`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.withEndpoint()
            var paid = fullOrder()
            paid.newEvents = [event(.orderPaid, of: trade("order_1", 1), "tx-1")]
            try await ledger.put(paid)
            #expect(try await ledger.attention(at: at(100), limit: 10).items == [])
            let claim = try #require(
                try await ledger.claimDeliveries(to: .standard, dueAt: at(200), until: at(300), limit: 1).claims.first)
            let made = DeliveryTry(
                beganAt: at(200), took: .seconds(1), reply: DeliveryReply(.refused(status: 500), status: 500))
            #expect(try await ledger.finishDelivery(claim, .parked, after: made, at: at(201)))
            let attention = try await ledger.attention(at: at(210), limit: 10)
            #expect(attention.items.map(\.kind) == [.webhookParked])
            #expect(attention.items.first?.command == "paypage deliveries resend \(claim.id)")
            _ = try await ledger.resendDeliveries(.everyParked, by: .tester, at: at(220))
            #expect(try await ledger.attention(at: at(230), limit: 10).items == [])
        }
    }

    static let waitingAttempts: [(AttemptState, waits: Bool)] = [
        (.creating(Tries(count: 2, firstUnknownAt: at(1), recoverAt: at(80))), true),
        (.closing(closing), true), (.open, true), (.exposed(closeUnansweredAt: nil), true), (.closed, false),
        (.failed, false),
    ]

    @Test(arguments: StoreKind.available, waitingAttempts)
    func `an attempt waits if it may take money and its last call was refused with an unlisted code`(
        _ kind: StoreKind, _ attempted: (AttemptState, waits: Bool)
    ) async throws {
        let (state, waits) = attempted
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let number = trade("order_1", 1)
            let isAsked = [.open, .exposed, .closed, .failed].contains(state.name)
            try await ledger.put(
                order("order_1", fence: 1, attempts: [attempt(number, state, askAt: isAsked ? at(90) : nil)]))
            func call(_ operation: ProviderOperation, _ trade: TradeNumber, _ answer: String, at now: Instant)
                async throws
            {
                _ = try await ledger.update(trade.order, creating: nil, at: now) { _ in
                    Decision(true, noting: [.called(operation, trade, answer: answer)])
                }
            }
            func refusals(at now: Instant) async throws -> [AttentionItem] {
                try await ledger.attention(at: now, limit: 10).items
            }
            try await call(.create, number, refused, at: at(10))
            let expected = AttentionItem(.unknownRefusal(number, sandbox, answer: refused), since: at(10))
            #expect(try await refusals(at: at(20)) == (waits ? [expected] : []))

            // A call about another attempt changes nothing, and neither does time, for two hours.
            try await ledger.put(
                order(
                    "order_1", fence: 2,
                    attempts: [
                        attempt(number, state, askAt: isAsked ? at(90) : nil), attempt(trade("order_1", 2), .closed),
                    ]))
            try await call(.query, trade("order_1", 2), "unpaid", at: at(30))
            #expect(try await refusals(at: at(10) + .seconds(7_199)).count == (waits ? 1 : 0))
            #expect(try await refusals(at: at(10) + .seconds(7_200)) == [])

            try await call(.query, number, "unknown: timeout", at: at(40))
            #expect(try await refusals(at: at(50)) == [])
            try await call(.query, number, refused, at: at(60))
            #expect(try await refusals(at: at(70)).map(\.since) == (waits ? [at(60)] : []))
        }
    }

    @Test(arguments: StoreKind.available)
    func `paused channels wait until they are resumed`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            _ = try await ledger.pause(sandbox, at: at(5))
            #expect(
                try await ledger.attention(at: at(9), limit: 5).items == [
                    AttentionItem(.channelPaused(sandbox), since: at(5))
                ])
            _ = try await ledger.resume(sandbox, at: at(6))
            #expect(try await ledger.attention(at: at(9), limit: 5).items == [])
        }
    }

    @Test(arguments: StoreKind.available)
    func `conditions of each process are shown once, and replaced by its next report`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let (first, second) = (WorkerID("a"), WorkerID("b"))
            let end = at(86_400)
            let circuit = ServiceCondition.circuitOpen(sandbox, since: at(3))
            try await ledger.report(
                [circuit, .certificateEnds(wechat, serial: "5DEA", at: end, since: at(1))], of: first, at: at(10))
            try await ledger.report([.circuitOpen(sandbox, since: at(2))], of: second, at: at(10))
            let items = try await ledger.attention(at: at(11), limit: 5).items
            #expect(
                items == [
                    AttentionItem(.circuitOpen(sandbox), since: at(2)),
                    AttentionItem(.certificateEnds(wechat, name: "5DEA", at: end), since: at(1)),
                ])
            try await ledger.report([], of: second, at: at(12))
            try await ledger.report([circuit], of: first, at: at(12))
            #expect(
                try await ledger.attention(at: at(13), limit: 5).items
                    == [AttentionItem(.circuitOpen(sandbox), since: at(3))])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a condition of the whole service has no channel`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.report([.diskNearlyFull("/data", since: at(3))], of: WorkerID("a"), at: at(10))
            let attention = try await ledger.attention(at: at(11), limit: 5)
            #expect(attention.items == [AttentionItem(.diskNearlyFull(folder: "/data"), since: at(3))])
            #expect(attention.items.map(\.channel) == [nil])
            #expect(attention.counts[.diskNearlyFull] == 1)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a condition that is not repeated for five minutes is not shown, and its row goes`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.report([.circuitOpen(sandbox, since: noon)], of: WorkerID("dead"), at: noon)
            #expect(try await ledger.attention(at: at(300) - .milliseconds(1), limit: 5).items.count == 1)
            #expect(try await ledger.attention(at: at(300), limit: 5).items == [])
            #expect(try await ledger.attention(at: at(300), limit: 5).counts[.circuitOpen] ?? 0 == 0)
            try await ledger.report([], of: WorkerID("next"), at: at(300))
            #expect(try database.tamper().number("SELECT count(*) FROM service_conditions") == 0)
        }
    }

    @Test(arguments: StoreKind.available)
    func `the limit is of each kind, and the counts are of all`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(paid((2...5).map { refund("order_1_1_r\($0)", of: "tx-\($0)", .failed) }))
            _ = try await ledger.pause(sandbox, at: noon)
            _ = try await ledger.pause(wechat, at: noon)
            let attention = try await ledger.attention(at: at(100), limit: 1)
            #expect(attention.items.map(\.kind) == [.refundFailed, .channelPaused])
            #expect(attention.counts[.refundFailed] == 4)
            #expect(attention.omitted(.refundFailed) == 3)
            #expect(attention.omitted(.channelPaused) == 1)
            #expect(attention.omitted(.dispute) == 0)
            #expect(try await ledger.attention(at: at(100), limit: 0).items == [])
        }
    }
}
