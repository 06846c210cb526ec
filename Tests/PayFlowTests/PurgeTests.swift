import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `The purge` {
    private let day = 24 * 60 * 60

    private func purge(_ world: World) throws -> Purge { Purge(world.store) }

    private func pages(_ world: World) async throws -> Int {
        try await world.order().attempts.map(\.pages.count).reduce(0, +)
    }

    @Test func `the purge keeps a new order's page, however old it is`() async throws {
        try await withWorld { world in
            _ = try await world.withPage()
            world.move(to: 100 * day)
            #expect(try await purge(world).runOnce(at: world.clock.now()).isEmpty)
            #expect(try await pages(world) == 1)
        }
    }

    @Test func `the purge deletes a page once, a day after its order is over`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            world.move(to: 60)
            let notice = world.sandbox.notice(.payment(receipt()), about: "\(first)", id: "n-1")
            _ = await process.settle(notice, from: sandbox)
            let purge = try purge(world)

            // When
            world.move(to: world.at(60 + day) - millisecond)
            let early = try await purge.runOnce(at: world.clock.now())
            world.move(to: 60 + day)
            let due = try await purge.runOnce(at: world.clock.now())
            let again = try await purge.runOnce(at: world.clock.now())

            // Then
            #expect(early.isEmpty)
            #expect(due.figures == [ClockFigure("orders", 1), ClockFigure("pages", 1), ClockFigure("keys", 0)])
            #expect(again.isEmpty)
            #expect(try await pages(world) == 0)
            #expect(try await world.order().state.name == .paid)
        }
    }

    @Test func `money after the purge is still late, and refunded`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            _ = try await process.close(number)
            world.move(to: day)
            #expect(try await purge(world).runOnce(at: world.clock.now()).pages == 1)

            // When
            let notice = world.sandbox.notice(.payment(receipt()), about: "\(first)", id: "n-1")
            _ = await process.settle(notice, from: sandbox)

            // Then
            let order = try await world.order()
            #expect(order.receipts.map(\.standing) == [.late])
            #expect(order.refunds.count == 1)
            #expect(order.attempts.map(\.state) == [.paid])
        }
    }

    @Test func `a purged key is as unknown as it was after it had expired`() async throws {
        try await withWorld { world in
            // Given a paid order whose key has expired.
            let process = try await world.withPage(key: use("key-1"))
            let notice = world.sandbox.notice(.payment(receipt()), about: "\(first)", id: "n-1")
            _ = await process.settle(notice, from: sandbox)
            world.move(to: world.at(day) - millisecond)
            #expect(try await purge(world).runOnce(at: world.clock.now()).keys == 0)
            #expect(try await process.pay(world.firstPay(key: use("key-1", "f-2"))).refusal == .keyReused)
            world.move(to: day)
            let expired = try await process.pay(world.firstPay(key: use("key-1", "f-2"))).refusal

            // When
            #expect(try await purge(world).runOnce(at: world.clock.now()).keys == 1)

            // Then
            #expect(expired == .orderNotNew(.paid))
            #expect(try await process.pay(world.firstPay(key: use("key-1", "f-2"))).refusal == expired)
        }
    }

    @Test func `the purge reports a full batch, so that the next run begins at once`() async throws {
        try await withWorld { world in
            // Given three orders that are over, each with a page and a key.
            let process = try await world.process()
            for index in 0..<3 {
                let number = try #require(OrderNumber("20261122_100\(index)"))
                world.sandbox.willCreate(made())
                _ = try await process.pay(firstPay(number, key: use("key-\(index)"), at: world.clock.now())).answer()
                let trade = TradeNumber(order: number, sequence: 1)
                let receipt = receipt(of: trade, "tx-\(index)")
                let notice = world.sandbox.notice(.payment(receipt), about: "\(trade)", id: "n-\(index)")
                _ = await process.settle(notice, from: sandbox)
            }
            world.move(to: 2 * day)

            // When
            var reports: [Purge.Report] = []
            for _ in 0..<3 { reports.append(try await purge(world).runOnce(at: world.clock.now(), limit: 2)) }

            // Then
            #expect(reports.map(\.pages) == [2, 1, 0])
            #expect(reports.map(\.keys) == [2, 1, 0])
            #expect(reports.map(\.reachedLimit) == [true, false, false])
            #expect(reports.map(\.isEmpty) == [false, false, true])
        }
    }
}
