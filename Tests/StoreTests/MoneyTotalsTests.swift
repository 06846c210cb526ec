import PayFlow
import StoreTestSupport
import Testing

@testable import PayCore

/// The sums for charts.
struct MoneyTotalsTests {
    private let minutes = TimeSteps(5, of: .seconds(60), until: at(270))
    private let yen = Currency("JPY")!

    /// An order that was paid at these seconds after noon, each time with this standing.
    private func paid(
        _ name: String, _ payments: [(second: Int, amount: Int64, currency: String, standing: ReceiptStanding)],
        refunds: [Refund] = []
    ) -> Order {
        let first = trade(name, 1)
        let receipts = payments.enumerated().map { index, payment in
            RecordedReceipt(
                receipt: Receipt(
                    channel: sandbox, tradeNumber: first, transactionID: TransactionID("tx-\(name)-\(index)")!,
                    amount: payment.amount, currencyCode: payment.currency, paidAt: at(payment.second),
                    namesOurAccount: true),
                standing: payment.standing, recordedAt: at(300))
        }
        return order(
            name, state: .paid(by: first, at: at(60)), fence: 1, attempts: [attempt(first, .paid)],
            receipts: receipts, refunds: refunds)
    }

    private func refund(_ name: String, _ count: Int, _ amount: Int64, _ state: RefundState, second: Int) -> Refund {
        Refund(
            number: "\(name)_1_m\(count)", tradeNumber: trade(name, 1), transactionID: TransactionID("tx-\(name)-0")!,
            money: Money(amount: amount, currency: yuan.currency)!, cause: .merchant, state: state, createdAt: at(61),
            askAt: state.isUnderWay ? at(90) : nil, refundedAt: state == .succeeded ? at(second) : nil)
    }

    private func total(_ step: Int, _ currency: Currency, _ count: Int, _ amount: Int64) -> MoneyTotal {
        MoneyTotal(step: step, currency: currency, count: count, amount: amount)
    }

    @Test
    func `the last step contains now, and steps begin at multiples of their length`() {
        #expect(minutes.starts == [0, 60, 120, 180, 240].map(at))
        #expect(minutes.end == at(300))
        #expect(TimeSteps(5, of: .seconds(60), until: at(299)) == minutes)
        #expect(TimeSteps(5, of: .seconds(60), until: at(300)) != minutes)
    }

    @Test(arguments: StoreKind.available)
    func `payments are summed by step and currency, from the start of a step up to its end`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            _ = try await ledger.keepKinds([sandbox: .sandbox, wechat: .wechat])
            #expect(try await ledger.payments(in: minutes) == [])
            for (name, second, amount, currency) in [
                ("order_1", -1, 1, "CNY"), ("order_2", 0, 100, "CNY"), ("order_3", 59, 20, "CNY"),
                ("order_4", 60, 3, "CNY"), ("order_5", 59, 700, "JPY"), ("order_6", 299, 5, "CNY"),
                ("order_7", 300, 1, "CNY"),
            ] {
                try await ledger.put(paid(name, [(second, Int64(amount), currency, .honest)]))
            }
            #expect(
                try await ledger.payments(in: minutes) == [
                    total(0, yuan.currency, 2, 120), total(0, yen, 1, 700), total(1, yuan.currency, 1, 3),
                    total(4, yuan.currency, 1, 5),
                ])
        }
    }

    @Test(arguments: StoreKind.available)
    func `money that did not pay an order is no payment`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            _ = try await ledger.keepKinds([sandbox: .sandbox])
            try await ledger.put(
                paid(
                    "order_1",
                    [
                        (10, 9_900, "CNY", .honest), (10, 9_900, "CNY", .duplicate), (10, 9_900, "CNY", .late),
                        (10, 9_900, "CNY", .disputed),
                    ]))
            #expect(try await ledger.payments(in: minutes) == [total(0, yuan.currency, 1, 9_900)])
        }
    }

    @Test(arguments: StoreKind.available)
    func `an accepted dispute about an impossible amount does not break the sums`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            _ = try await ledger.keepKinds([sandbox: .sandbox])
            for (name, amount, currency) in [
                ("order_1", Int64.max, "CNY"), ("order_2", Int64.max, "CNY"), ("order_3", 5, "<b>"),
                ("order_4", Money.largestAmount, "CNY"), ("order_5", Money.largestAmount, "CNY"),
            ] {
                try await ledger.put(paid(name, [(10, amount, currency, .honest)]))
            }
            #expect(
                try await ledger.payments(in: minutes) == [total(0, yuan.currency, 2, 2 * Money.largestAmount)])
        }
    }

    @Test(arguments: StoreKind.available)
    func `refunds count when they have succeeded`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            _ = try await ledger.keepKinds([sandbox: .sandbox])
            try await ledger.put(
                paid(
                    "order_1", [(10, 9_900, "CNY", .honest)],
                    refunds: [
                        refund("order_1", 1, 100, .succeeded, second: 70),
                        refund("order_1", 2, 20, .succeeded, second: 119),
                        refund("order_1", 3, 3, .pending, second: 70), refund("order_1", 4, 4, .failed, second: 70),
                        refund("order_1", 5, 5, .succeeded, second: 300),
                    ]))
            #expect(try await ledger.refunds(in: minutes) == [total(1, yuan.currency, 2, 120)])
        }
    }
}
