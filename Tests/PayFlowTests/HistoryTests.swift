import PayCore
import PayFlow
import PayTestSupport
import Testing

/// The history that a real chain of calls leaves behind.
@Suite struct `An order's history` {
    private func history(_ world: World) async throws -> [HistoryEntry.What] {
        try await world.store.history(of: number).map(\.what)
    }

    private func minted(_ trade: TradeNumber, _ terminal: Terminal, until expiresAt: Instant) -> HistoryEntry.What {
        .changed(.pageMinted(trade, .html, terminal, expiresAt: expiresAt))
    }

    @Test func `the history of a switch lists request, close, query, and only then the create`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            world.move(to: 10)

            // When
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            world.wechat.willCreate(made())
            _ = try await process.pay(repay(wechat, .h5)).answer()

            // Then
            #expect(
                try await history(world) == [
                    .changed(.made), .noted(.asked(sandbox, .pc)), .changed(.attemptBegan(first, sandbox, .pc)),
                    .noted(.called(.create, first, answer: "made")),
                    .changed(.attemptMoved(first, from: .creating, to: .open)),
                    minted(first, .pc, until: world.at(300)),
                    .noted(.asked(wechat, .h5)), .changed(.attemptMoved(first, from: .open, to: .closing)),
                    .noted(.called(.close, first, answer: "accepted")),
                    .noted(.called(.query, first, answer: "closed")),
                    .changed(.attemptMoved(first, from: .closing, to: .closed)),
                    .changed(.attemptBegan(second, wechat, .h5)), .noted(.called(.create, second, answer: "made")),
                    .changed(.attemptMoved(second, from: .creating, to: .open)),
                    minted(second, .h5, until: world.at(310)),
                ])
        }
    }

    @Test func `the history of a payment lists notice, receipt and webhook`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            let before = try await history(world).count
            world.move(to: 60)

            // When the same notice comes twice, and another payment after it.
            for (id, transaction) in [("n-1", "tx-1"), ("n-1", "tx-1"), ("n-2", "tx-2")] {
                let notice = world.sandbox.notice(.payment(receipt(of: first, transaction)), about: "\(first)", id: id)
                _ = await process.settle(notice, from: sandbox)
            }

            // Then
            let told = try await history(world).dropFirst(before)
            let receipts = try await world.order().receipts
            let messages = try await world.store.deliveries(DeliveryListing(limit: 9))
            #expect(
                Array(told) == [
                    .notice(sandbox, about: first, .paid), .money(receipts[0]),
                    .changed(.attemptMoved(first, from: .open, to: .paid)), .changed(.moved(to: .paid)),
                    .told(messages[1]), .notice(sandbox, about: first, .duplicate), .money(receipts[1]),
                    .changed(.refundWritten("\(first)_r2", of: first, .pending)), .told(messages[0]),
                ])
        }
    }

    @Test func `the history lists an expired lease and the repeated call`() async throws {
        try await withWorld { world in
            // Given a process that crashes during a slow provider call.
            let dead = try await world.process("worker-a")
            let hold = world.sandbox.willHoldCreate(then: .unknown(.unanswered))
            let lost = Task { try await dead.pay(world.firstPay()) }
            await hold.waitForArrival()
            let before = try await history(world)
            #expect(before.last == .changed(.attemptBegan(first, sandbox, .pc)))

            // When
            world.move(to: 60)
            world.sandbox.willCreate(made())
            _ = try await world.process("worker-b").recover.runOnce(at: world.clock.now())

            // Then
            #expect(
                try await Array(history(world).dropFirst(before.count)) == [
                    .changed(.takenOver(Fence(2))), .noted(.called(.create, first, answer: "made")),
                    .changed(.attemptMoved(first, from: .creating, to: .open)),
                    minted(first, .pc, until: world.at(360)),
                ])
            hold.release()
            _ = try? await lost.value
        }
    }

    @Test func `the history has no entry for a stored page that was returned`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let before = try await history(world)
            world.move(to: 5)
            _ = try await process.pay(repay(sandbox, .pc)).answer()
            #expect(try await history(world) == before)
        }
    }
}
