import PayFlow
import StoreTestSupport
import Testing

@testable import PayCore

struct RoundTripTests {
    static let leases: [Lease?] = [
        nil, Lease(owner: WorkerID("worker-a"), endsAt: at(9), isUnanswered: false),
        Lease(owner: WorkerID("worker-b"), endsAt: at(10), isUnanswered: true),
    ]

    @Test(arguments: StoreKind.available, everyAttemptState)
    func `an order in every state is read back as it was stored`(
        _ kind: StoreKind, _ state: AttemptState
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            for orderState in everyOrderState("order_1") {
                for lease in Self.leases {
                    // Each in a number of its own: a state can't be taken back.
                    let number = "o_\(orderState.name)_\(lease.map { $0.owner.text.suffix(1) } ?? "0")"
                    let stored = order(
                        number, state: everyOrderState(number).first { $0.name == orderState.name }!, fence: 4,
                        lease: lease,
                        attempts: [
                            attempt(
                                trade(number, 1), state, pages: [page()],
                                sessionEndsAt: lease == nil ? nil : at(2_000),
                                reference: lease == nil ? nil : ProviderReference("cs_test_1")),
                            attempt(
                                trade(number, 2), .failed, channel: wechat, terminal: .jsapi,
                                payer: Payer(openID: "o-1", clientIP: "2001:db8::1"), appID: "wx8888888888888888"),
                        ])
                    try await ledger.put(stored)
                    #expect(try await ledger.order(stored.number) == stored)
                }
            }
        }
    }

    @Test(arguments: StoreKind.available, RefundState.allCases)
    func `a refund in every state is read back as it was stored`(
        _ kind: StoreKind, _ state: RefundState
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            var stored = fullOrder()
            try await ledger.put(stored)
            stored.refunds[0].state = state
            stored.refunds[0].askAt = state.isUnderWay ? at(90) : nil
            stored.refunds[0].wasSubmitted = true
            stored.refunds[0].refusedTries = RefusedTries(count: 7, since: at(62))
            stored.refunds[0].providerCode = "USER_ACCOUNT_ABNORMAL"
            stored.refunds[0].requestedAt = at(62)
            stored.refunds[0].refundedAt = state == .succeeded ? at(63) : nil
            stored.refunds[0].isNumberUsedUp = state == .failed
            try await ledger.put(stored)
            #expect(try await ledger.order(stored.number) == stored)
            #expect(try await database.open().refunds(in: state, limit: 5).map(\.refund) == stored.refunds)
        }
    }

    @Test(arguments: StoreKind.available)
    func `refunds of every cause and a ruling are read back as they were stored`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            var stored = fullOrder()
            let first = trade("order_1", 1)
            func refund(_ number: String, _ cause: RefundCause, _ merchantNumber: String? = nil) -> Refund {
                Refund(
                    number: number, merchantNumber: merchantNumber.flatMap(RefundNumber.init), tradeNumber: first,
                    transactionID: TransactionID("tx-1")!, money: Money(amount: 100, currency: yuan.currency)!,
                    cause: cause, reason: RefundReason("broken ‘cup’"), state: .succeeded, createdAt: at(62),
                    askAt: nil, refundedAt: at(63))
            }
            stored.refunds += [
                refund("\(first)_m1", .merchant, "R_1"), refund("\(first)_m2", .merchant), refund("re_1", .provider),
            ]
            stored.receipts.append(
                RecordedReceipt(
                    receipt: receipt(first, "tx-9", amount: 0, namesOurAccount: false), standing: .rejected,
                    recordedAt: at(61), wasRuledOn: true))
            try await ledger.put(stored)
            #expect(try await database.open().order(stored.number) == stored)
            #expect(try await ledger.orderOfPayment(TransactionID("tx-9")!, at: sandbox) == stored.number)
            #expect(try await ledger.orderOfPayment(TransactionID("tx-9")!, at: wechat) == nil)
            #expect(try await ledger.ordersWithReceipt(TransactionID("tx-1")!) == [stored.number])
            // Each part that changes is stored.
            stored.refunds[1].state = .failed
            stored.refunds[1].refundedAt = nil
            stored.refunds[1].isNumberUsedUp = true
            try await ledger.put(stored)
            stored.refunds[1].state = .pending
            stored.refunds[1].isNumberUsedUp = false
            stored.refunds[1].renewals = 1
            stored.refunds[1].askAt = at(90)
            try await ledger.put(stored)
            #expect(try await database.open().order(stored.number) == stored)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a full order is read back by another connection`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let first = try await database.open()
            try await first.put(fullOrder())
            try await first.close()
            #expect(try await database.open().order(orderNumber("order_1")) == fullOrder())
        }
    }

    @Test(arguments: StoreKind.available, PageKind.allCases)
    func `a page is read back as it was stored`(_ kind: StoreKind, _ pageKind: PageKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            for terminal in Terminal.allCases {
                let other: Terminal = terminal == .app ? .pc : .app
                let pages = [
                    page(terminal, serves: Set(Terminal.allCases), kind: pageKind),
                    page(terminal, openID: "o-'1", kind: pageKind, content: "weixin://wxpay/?pr=1%20"),
                    page(other, serves: [other, .h5], kind: pageKind, content: String(repeating: "é", count: 100_000)),
                ]
                let name = "order_\(terminal)"
                let stored = order(name, attempts: [attempt(trade(name, 1), pages: pages)])
                try await ledger.put(stored)
                #expect(try await ledger.order(stored.number) == stored)
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `every permitted transition can be stored`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            for (row, old) in everyAttemptState.enumerated() {
                for (column, new) in everyAttemptState.enumerated() where old.name.mayBecome(new.name) {
                    let number = "move_\(row)_\(column)"
                    try await ledger.put(order(number, attempts: [attempt(trade(number, 1), old)]))
                    let moved = order(number, fence: 1, attempts: [attempt(trade(number, 1), new)])
                    try await ledger.put(moved)
                    #expect(try await ledger.order(moved.number) == moved)
                }
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `one decision can close an attempt and open another, in any order`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let (first, second) = (trade("order_1", 1), trade("order_1", 2))
            let exposed = AttemptState.exposed(closeUnansweredAt: nil)
            try await ledger.put(
                order("order_1", attempts: [attempt(first, exposed), attempt(second, .closing(closing))]))
            let swapped = order("order_1", attempts: [attempt(first, .open), attempt(second, .closed)])
            try await ledger.put(swapped)
            #expect(try await ledger.order(swapped.number) == swapped)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a page that is minted again moves to the end, and a shortened page keeps its place`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let number = trade("order_1", 1)
            let (desktop, mobile) = (page(.pc), page(.h5))
            try await ledger.put(order("order_1", attempts: [attempt(number, pages: [desktop, mobile])]))

            let ended = page(.pc, expiresAt: at(100))
            let halfway = order("order_1", attempts: [attempt(number, pages: [ended, mobile])])
            try await ledger.put(halfway)
            #expect(try await ledger.order(halfway.number) == halfway)

            let again = order("order_1", attempts: [attempt(number, pages: [mobile, page(.pc, content: "new")])])
            try await ledger.put(again)
            #expect(try await ledger.order(again.number) == again)
            #expect(try database.tamper().number("SELECT count(*) FROM pages") == 2)
        }
    }

    static let strangeMoney: [(Int64, code: String)] = [
        (0, "CNY"), (-1, "CNY"), (.max, "CNY"), (.min, ""), (9_900, "not a currency at all, 什么"), (1, "cny"),
    ]

    @Test(arguments: StoreKind.available, strangeMoney)
    func `money of any amount and currency can be stored as disputed`(
        _ kind: StoreKind, _ money: (Int64, code: String)
    ) async throws {
        let (amount, code) = money
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let number = trade("order_1", 1)
            try await ledger.put(order("order_1", attempts: [attempt(number)]))
            let strange = receipt(number, "tx-9", amount: amount, currency: code, namesOurAccount: false)
            let action = try await ledger.update(orderNumber("order_1"), creating: nil, at: at(61)) { order in
                Decision(try order.settle(strange, at: at(61)))
            }
            #expect(action == .disputed)
            #expect(try await ledger.order(orderNumber("order_1"))?.receipts == [recorded(strange, .disputed)])
        }
    }
}
