import Foundation
import PayFlow
import PayRecords
import StoreTestSupport
import Testing

@testable import PayCore

struct HistoryTests {
    private let number = orderNumber("order_1")
    private let first = trade("order_1", 1)
    private let second = trade("order_1", 2)

    /// An order without a history: what was there before there was any.
    private func withOrder(_ kind: StoreKind, _ body: (any Store, TestDatabase) async throws -> Void) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(order("order_1", attempts: [attempt(first), attempt(second, .failed)]))
            try database.tamper().executeWithoutRules("DELETE FROM history")
            try await body(ledger, database)
        }
    }

    /// The entries of one decision that turns `before` into `after`.
    private func told(
        _ kind: StoreKind, of before: Order, to after: Order, noting notes: [HistoryNote] = []
    ) async throws -> [HistoryEntry] {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            try await ledger.put(before)
            let known = try await ledger.history(of: before.number).count
            _ = try await ledger.update(before.number, creating: nil, at: at(100)) { stored in
                stored = after
                return Decision(true, noting: notes)
            }
            return Array(try await ledger.history(of: before.number).dropFirst(known))
        }
    }

    @Test(arguments: StoreKind.available)
    func `the history begins with the order, the wish and the first attempt`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let made = order("order_1", fence: 1, attempts: [attempt(first, terminal: .h5, pages: [page(.h5)])])
            _ = try await ledger.update(number, creating: draft("order_1"), at: at(3)) { order in
                order = made
                return Decision(true, noting: [.asked(sandbox, .h5), .closeAsked])
            }
            let minted = OrderChange.pageMinted(first, .html, .h5, expiresAt: at(300))
            #expect(
                try await ledger.history(of: number) == [
                    HistoryEntry(at: noon, .changed(.made)),
                    HistoryEntry(at: at(1), .changed(.attemptBegan(first, sandbox, .h5))),
                    HistoryEntry(at: at(2), .changed(minted)),
                    HistoryEntry(at: at(3), .noted(.asked(sandbox, .h5))), HistoryEntry(at: at(3), .noted(.closeAsked)),
                ])
        }
    }

    @Test(arguments: StoreKind.available)
    func `the changes of a decision stand in the order of their causes`(_ kind: StoreKind) async throws {
        let calls = [
            HistoryNote.called(.close, first, answer: "accepted"), .called(.query, first, answer: "closed"),
        ]
        let lease = Lease(owner: WorkerID("worker-a"), endsAt: at(90), isUnanswered: true)
        let entries = try await told(
            kind, of: order("order_1", fence: 3, lease: lease, attempts: [timed(first, .closing(closing), at: 60)]),
            to: order(
                "order_1", fence: 4, lease: Lease(owner: WorkerID("worker-b"), endsAt: at(110), isUnanswered: false),
                attempts: [
                    timed(first, .closed, at: 100), timed(second, .open, at: 100, pages: [minted(.app, at: 100)]),
                ]),
            noting: calls)
        #expect(
            entries
                == [
                    .noted(calls[0]), .noted(calls[1]), .changed(.takenOver(Fence(4))),
                    .changed(.attemptMoved(first, from: .closing, to: .closed)),
                    .changed(.attemptBegan(second, sandbox, .pc)),
                    .changed(.pageMinted(second, .qr, .app, expiresAt: at(300))),
                ].map { HistoryEntry(at: at(100), $0) })
    }

    @Test(arguments: StoreKind.available)
    func `a payment stands beside its notice and its message`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            // Given an attempt that is being closed beside the one that is paid, all in one millisecond.
            let ledger = try await database.open()
            try await ledger.withEndpoint()
            let begun = order(
                "order_1",
                attempts: [timed(first, .exposed(closeUnansweredAt: nil), at: 0), timed(second, .open, at: 0)])
            try await ledger.put(begun)
            for (id, transaction) in [("n-1", "tx-1"), ("n-2", "tx-2")] {
                let receipt = receipt(first, transaction)
                _ = try await ledger.record(notice(id, about: first.text), at: noon) { order in
                    try order.settle(receipt, at: noon)
                }
            }
            _ = try await ledger.update(number, creating: nil, at: noon) { _ in
                Decision(true, noting: [.called(.close, second, answer: "accepted")])
            }

            // Then
            let stored = try #require(try await ledger.order(number))
            let messages = try await ledger.deliveries(DeliveryListing(limit: 9)).reversed().map { $0 }
            #expect(messages.map(\.kind) == [.orderPaid, .paymentDuplicate])
            #expect(
                try await ledger.history(of: number).map(\.what) == [
                    .changed(.made), .changed(.attemptBegan(first, sandbox, .pc)),
                    .changed(.attemptBegan(second, sandbox, .pc)),
                    .notice(sandbox, about: first, .paid), .money(stored.receipts[0]),
                    .changed(.attemptMoved(first, from: .exposed, to: .paid)),
                    .changed(.attemptMoved(second, from: .open, to: .closing)), .changed(.moved(to: .paid)),
                    .told(messages[0]),
                    .notice(sandbox, about: first, .duplicate), .money(stored.receipts[1]),
                    .changed(.refundWritten("order_1_1_r2", of: first, .pending)), .told(messages[1]),
                    .noted(.called(.close, second, answer: "accepted")),
                ])
        }
    }

    @Test(arguments: StoreKind.available)
    func `only pages that were minted or ended have entries`(_ kind: StoreKind) async throws {
        let pages = [minted(.pc, at: 0), minted(.h5, at: 0), minted(.app, at: 0)]
        var ended = pages[1]
        ended.end(at: at(50))
        let entries = try await told(
            kind, of: order("order_1", attempts: [timed(first, .open, at: 0, pages: pages)]),
            to: order(
                "order_1", attempts: [timed(first, .open, at: 0, pages: [ended, pages[2], minted(.pc, at: 70)])]))
        #expect(
            entries == [
                HistoryEntry(at: at(50), .changed(.pageEnded(first, .h5))),
                HistoryEntry(at: at(70), .changed(.pageMinted(first, .qr, .pc, expiresAt: at(300)))),
            ])
    }

    static let refundMoves: [(RefundState, RefundState)] = [
        (.pending, .submitted), (.pending, .needsAttention), (.needsAttention, .submitted),
        (.needsAttention, .succeeded),
    ]

    @Test(arguments: StoreKind.available, refundMoves)
    func `each move of a refund is an entry`(
        _ kind: StoreKind, _ move: (RefundState, RefundState)
    ) async throws {
        let (from, to) = move
        func refunding(_ state: RefundState) -> Order {
            var order = fullOrder()
            order.refunds[0].state = state
            order.refunds[0].askAt = nil
            order.refunds[0].refundedAt = state == .succeeded ? at(70) : nil
            return order
        }
        #expect(
            try await told(kind, of: refunding(from), to: refunding(to)) == [
                HistoryEntry(at: at(100), .changed(.refundMoved("order_1_1_r2", of: first, from: from, to: to)))
            ])
    }

    @Test(arguments: StoreKind.available, [OrderState.closed(at: at(62)), .expired(at: at(63))])
    func `the end of an order is one entry`(_ kind: StoreKind, _ state: OrderState) async throws {
        let lease = Lease(owner: WorkerID("worker-a"), endsAt: at(90), isUnanswered: false)
        let over = order("order_1", state: state, fence: 4)
        let ending = try await told(kind, of: order("order_1", fence: 3, lease: lease), to: over)
        #expect(ending.map(\.what) == [.changed(.moved(to: state.name))], "raising the fence is no takeover")
        let afterwards = order("order_1", state: state, fence: 5)
        #expect(try await told(kind, of: over, to: afterwards) == [])
    }

    @Test(arguments: StoreKind.available)
    func `notes of an unchanged order are stored without a change in the list of orders`(
        _ kind: StoreKind
    ) async throws {
        try await withOrder(kind) { ledger, database in
            try database.tamper().settle()
            let before = try await ledger.orders(OrderListing(OrderSearch(), limit: 5))
            let call = HistoryNote.called(.query, first, answer: "unpaid")
            _ = try await ledger.update(number, creating: nil, at: at(9)) { _ in Decision(1, noting: [call]) }
            #expect(try await ledger.history(of: number) == [HistoryEntry(at: at(9), .noted(call))])
            try database.tamper().settle()
            let after = try await ledger.orders(OrderListing(OrderSearch(), limit: 5))
            #expect(before.entries.count == 1)
            #expect(after.entries.map(\.updatedAt) == before.entries.map(\.updatedAt))
        }
    }

    @Test(arguments: StoreKind.available)
    func `a decision that was rolled back has no history`(_ kind: StoreKind) async throws {
        struct Unwell: Error {}
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let asked = HistoryNote.asked(sandbox, .pc)
            _ = try await ledger.update(number, creating: draft("order_1"), at: noon) { _ in
                Decision(1, noting: [asked])
            }
            _ = try? await ledger.update(number, creating: draft("order_1"), at: noon) { order -> Decision<Int> in
                order.fence = Fence(1)
                throw Unwell()
            }
            #expect(try database.tamper().number("SELECT count(*) FROM history") == 0)
        }
    }

    static let answers: [(String, kept: String)] = [
        ("", "nothing"), ("refused: \u{1B}[2J\u{7}\u{202E}x\u{2028}", "refused:  [2J  x "),
        (String(repeating: "é", count: 5_000), String(repeating: "é", count: 200)), ("余额 ☕", "余额 ☕"),
    ]

    @Test(arguments: StoreKind.available, answers)
    func `an answer of any length and content can be stored`(
        _ kind: StoreKind, _ given: (String, kept: String)
    ) async throws {
        let (answer, kept) = given
        try await withOrder(kind) { ledger, _ in
            let trade = first
            _ = try await ledger.update(number, creating: nil, at: at(9)) { order in
                order.fence = Fence(9)
                return Decision(1, noting: [.called(.create, trade, answer: answer)])
            }
            #expect(
                try await ledger.history(of: number).map(\.what) == [.noted(.called(.create, trade, answer: kept))])
        }
    }

    @Test(arguments: StoreKind.available)
    func `the history has no page, notice body or payer`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            let secret = page(.jsapi, openID: "o-secret", content: "secret page")
            try await ledger.put(
                order(
                    "order_1", attempts: [attempt(first, payer: Payer(openID: "o-secret"), pages: [secret])]))
            let stored = StoredNotice(channel: sandbox, id: "n-1", tradeNumber: first.text, body: "secret body")
            let paying = receipt(first, "tx-1")
            _ = try await ledger.record(stored, at: at(61)) { try $0.settle(paying, at: at(61)) }
            #expect(try await ledger.history(of: number).count > 5)
            #expect(!"\(try await ledger.history(of: number))".contains("secret"))
        }
    }

    @Test(arguments: StoreKind.available)
    func `an edited row is named in the error`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            for (worker, fence) in [("worker-a", 3), ("worker-b", 4)] {
                let lease = Lease(owner: WorkerID(worker), endsAt: at(90), isUnanswered: true)
                try await ledger.put(order("order_1", fence: Int64(fence), lease: lease))
            }
            try database.tamper().executeWithoutRules("UPDATE history SET fence = NULL")
            let error = await #expect(throws: UnreadableRow.self) { try await ledger.history(of: number) }
            #expect(error?.table == "history" && error?.column == "fence")
        }
    }

    private func timed(
        _ number: TradeNumber, _ state: AttemptState, at seconds: Int, pages: [Page] = []
    ) -> Attempt {
        let model = attempt(number, state)
        return Attempt(
            number: number, channel: model.channel, request: model.request, createdAt: at(seconds), state: state,
            stateSince: at(seconds), pages: pages, lastWordAt: model.lastWordAt, askAt: model.askAt)
    }

    private func minted(_ terminal: Terminal, at seconds: Int) -> Page {
        Page(
            kind: .qr, content: "weixin://", terminal: terminal, openID: "", serves: [terminal],
            mintedAt: at(seconds), expiresAt: at(300))
    }
}
