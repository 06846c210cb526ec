import PayFlow
import StoreTestSupport
import Testing

@testable import PayCore

/// The counts of unfinished work.
struct BacklogTests {
    @Test(arguments: StoreKind.available)
    func `a store without orders has no backlog, and a size`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let backlog = try await database.open().backlog()
            #expect(backlog.attempts == [] && backlog.refunds == [] && backlog.disputes == 0)
            #expect(backlog.lastNotices == [:])
            #expect(backlog.databaseBytes > 4_096)
        }
    }

    @Test(arguments: StoreKind.available)
    func `attempts that may take money are counted by channel and state, others aren't`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            _ = try await ledger.keepKinds([sandbox: .sandbox, wechat: .wechat])
            for number in 1...3 {
                try await ledger.put(order("open_\(number)", attempts: [attempt(trade("open_\(number)", 1))]))
            }
            try await ledger.put(order("other", attempts: [attempt(trade("other", 1), channel: wechat)]))
            let (paid, exposed) = (trade("paid", 1), trade("paid", 2))
            try await ledger.put(
                order(
                    "paid", state: .paid(by: paid, at: at(60)), fence: 1,
                    attempts: [attempt(paid, .paid), attempt(exposed, .exposed(closeUnansweredAt: nil))],
                    receipts: [recorded(receipt(paid, "tx-1"), .honest)]))
            let backlog = try await ledger.backlog()
            #expect(backlog.channels == [sandbox, wechat])
            #expect(
                backlog.attempts == [
                    Backlog.Count(sandbox, .exposed, 1), Backlog.Count(sandbox, .open, 3),
                    Backlog.Count(wechat, .open, 1),
                ])
        }
    }

    @Test(arguments: StoreKind.available)
    func `unfinished refunds are counted by their state, and open disputes`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let first = trade("order_1", 1)
            let states: [RefundState] = [.pending, .submitted, .submitted, .succeeded, .failed]
            let refunds = states.enumerated().map { index, state in
                Refund(
                    number: "order_1_1_r\(index + 2)", tradeNumber: first,
                    transactionID: TransactionID("tx-\(index + 2)")!, money: yuan, cause: .duplicate, state: state,
                    createdAt: at(61), askAt: state.isUnderWay ? at(90) : nil, refusedTries: nil,
                    providerCode: state == .failed ? "NOT_ENOUGH" : nil,
                    refundedAt: state == .succeeded ? at(80) : nil)
            }
            let disputed = RecordedReceipt(
                receipt: receipt(first, "tx-9", amount: 1), standing: .disputed, recordedAt: at(70))
            try await ledger.put(
                order(
                    "order_1", state: .paid(by: first, at: at(60)), fence: 1, attempts: [attempt(first, .paid)],
                    receipts: [recorded(receipt(first, "tx-1"), .honest)]
                        + refunds.map { recorded(receipt(first, $0.transactionID.text), .duplicate) } + [disputed],
                    refunds: refunds))
            let backlog = try await ledger.backlog()
            #expect(backlog.refunds == [Backlog.Count(sandbox, .pending, 1), Backlog.Count(sandbox, .submitted, 2)])
            #expect(backlog.disputes == 1)
        }
    }

    @Test(arguments: StoreKind.available)
    func `the last notice of a channel is the latest that was stored`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            _ = try await ledger.keepKinds([sandbox: .sandbox, wechat: .wechat])
            try await ledger.withEndpoint()
            let first = trade("order_1", 1)
            try await ledger.put(order("order_1", attempts: [attempt(first)]))
            for (id, second) in [("n-1", 61), ("n-2", 75)] {
                _ = try await ledger.record(notice(id, about: "order_1_1"), at: at(second)) { order in
                    try order.settle(receipt(first, "tx-1"), at: at(second))
                }
            }
            let backlog = try await ledger.backlog()
            #expect(backlog.lastNotices == [sandbox: at(75)])
            // The event order.paid of the first notice.
            #expect(backlog.pendingDeliveries == 1 && backlog.oldestDelivery == at(61))
            #expect(backlog.parkedDeliveries == 0)
        }
    }
}
