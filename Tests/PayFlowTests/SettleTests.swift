import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `A notice` {
    private func send(
        _ content: ProviderNotice.Content, about trade: String = "\(first)", id: String = "n-1", to process: Process,
        in world: World
    ) async throws -> (NoticeReply?, Observation?) {
        let reply = await process.settle(world.sandbox.notice(content, about: trade, id: id), from: sandbox)
        return (reply, process.observer.observations.last)
    }

    @Test func `a notice of money pays the order, and no page is served any more`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let (reply, seen) = try await send(.payment(receipt()), to: process, in: world)
            #expect(reply?.status == 200 && seen == .notice(sandbox, .settled))
            #expect(try await world.order().state == .paid(by: first, at: world.start))
            for request in [repay(), repay(fresh: true), repay(wechat, .h5), world.firstPay()] {
                #expect(try await process.pay(request).refusal == .orderNotNew(.paid))
            }
            #expect(world.sandbox.operations == ["create"] && world.wechat.operations.isEmpty)
        }
    }

    @Test func `a notice that overtakes a create makes the create's page worthless`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.process()
            let hold = world.sandbox.willHoldCreate(then: made())
            let paying = Task { try await process.pay(world.firstPay(key: use("k"))) }
            await hold.waitForArrival()

            // When
            _ = try await send(.payment(receipt()), to: process, in: world)
            hold.release()

            // Then
            #expect(try await paying.value.refusal == .orderNotNew(.paid))
            let order = try await world.order()
            #expect(order.attempts[0].state == .paid && order.attempts[0].pages.isEmpty)
            #expect(try await process.ledger.keyRecord(use("k").key, at: world.clock.now()) == nil)
        }
    }

    @Test func `a notice of another shop's session with the same number is an orphan`()
        async throws
    {
        try await withWorld { world in
            // Given
            let page = ProviderPage(
                kind: .redirect, content: "https://pay.example/ours", serves: [.pc], usableFor: nil,
                reference: ProviderReference("cs_ours"))
            let process = try await world.withPage(.made(page))

            // When
            let others = world.sandbox.notice(
                .payment(receipt()), about: "\(first)", id: "n-1", named: ProviderReference("cs_another_shop"))
            #expect(await process.settle(others, from: sandbox)?.status == 200)

            // Then
            #expect(try await world.order().state == .new)
            #expect(try await world.order().receipts.isEmpty)
            #expect(process.observer.observations.last == .notice(sandbox, .orphan))
            let ours = world.sandbox.notice(
                .payment(receipt()), about: "\(first)", id: "n-2", named: ProviderReference("cs_ours"))
            #expect(await process.settle(ours, from: sandbox)?.status == 200)
            #expect(try await world.order().state == .paid(by: first, at: world.start))
        }
    }

    @Test func `a repeated notice counts once`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            _ = try await send(.payment(receipt()), to: process, in: world)
            let paid = try await world.order()
            for id in ["n-1", "n-2"] {
                let (reply, seen) = try await send(.payment(receipt()), id: id, to: process, in: world)
                #expect(reply?.status == 200 && seen == .notice(sandbox, .repeated))
            }
            #expect(try await world.order() == paid)
        }
    }

    @Test func `a notice of a second payment leads to a full refund`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            _ = try await send(.payment(receipt()), to: process, in: world)
            let (reply, _) = try await send(.payment(receipt(of: first, "tx-2")), id: "n-2", to: process, in: world)
            let order = try await world.order()
            #expect(reply?.status == 200)
            #expect(order.receipts.map(\.standing) == [.honest, .duplicate])
            #expect(order.refunds.map(\.number) == ["\(first)_r2"] && order.refunds.map(\.money) == [yuan])
            #expect(process.observer.observations.contains(.duplicatePayment(sandbox, first)))
        }
    }

    @Test func `a notice of money for a closed order is late, and the money refunded`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            _ = try await process.close(number)

            // When
            let (reply, _) = try await send(.payment(receipt()), to: process, in: world)

            // Then
            let order = try await world.order()
            #expect(reply?.status == 200)
            #expect(order.state.name == .closed && order.receipts.map(\.standing) == [.late])
            #expect(order.refunds.map(\.number) == ["\(first)_r1"])
            #expect(try await world.states() == [.paid])
            #expect(process.observer.observations.contains(.latePayment(sandbox, first)))
        }
    }

    @Test func `a notice after the deadline of an order that is still new is honest`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.move(to: 1_900)
            _ = try await send(.payment(receipt()), to: process, in: world)
            #expect(try await world.order().state == .paid(by: first, at: world.at(1_900)))
        }
    }

    @Test func `a notice of the wrong amount is disputed, acknowledged, and changes nothing`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let (reply, seen) = try await send(.payment(receipt(amount: 1)), to: process, in: world)
            #expect(reply?.status == 200 && seen == .notice(sandbox, .disputed))
            #expect(try await world.order().receipts.map(\.standing) == [.disputed])
            #expect(try await process.pay(repay()).content != nil)
        }
    }

    @Test(arguments: ["20261122_0001_2", "20261122_9999_1", "somebody else's number"])
    func `a notice of money for an unknown trade number is stored as an orphan`(trade: String) async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let before = try await world.order()
            let content = TradeNumber(trade).map { ProviderNotice.Content.payment(receipt(of: $0)) } ?? .foreignPayment
            let (reply, seen) = try await send(content, about: trade, to: process, in: world)
            #expect(reply?.status == 200 && seen == .notice(sandbox, .orphan))
            #expect(try await world.order() == before)
        }
    }

    @Test func `a notice without a valid signature is refused, and nothing of it is stored`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let forged = RawNotice(headers: [], body: Array("forged".utf8))
            #expect(await process.settle(forged, from: sandbox)?.status == 401)
            #expect(process.ledger.count(.record) == 0)
            #expect(process.observer.observations.last == .noticeRefused(sandbox, .badSignature))
        }
    }

    @Test func `a notice without news is acknowledged`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let (reply, seen) = try await send(.other, to: process, in: world)
            #expect(reply?.status == 200 && seen == .notice(sandbox, .ignored))
            #expect(try await world.order().state == .new)
        }
    }

    @Test func `a notice that can't be stored is requested again`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            process.ledger.willFail(.record)
            let (reply, seen) = try await send(.payment(receipt()), to: process, in: world)
            #expect(reply?.status == 500)
            #expect(seen == .noticeNotStored(sandbox, why: "the disk is full"))
            #expect(try await world.order().state == .new)
            let (again, _) = try await send(.payment(receipt()), to: process, in: world)
            #expect(again?.status == 200)
            #expect(try await world.order().state.name == .paid)
        }
    }

    @Test func `a notice of a payment stored for another trade raises an alarm`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            _ = try await send(.payment(receipt()), to: process, in: world)
            let other = try #require(OrderNumber("20261122_0002"))
            let trade = TradeNumber(order: other, sequence: 1)
            world.sandbox.willCreate(made())
            _ = try await process.pay(firstPay(other, at: world.start)).answer()

            // When
            let (reply, seen) = try await send(
                .payment(receipt(of: trade)), about: "\(trade)", id: "n-2", to: process, in: world)

            // Then
            #expect(reply?.status == 200 && seen == .notice(sandbox, .disputed))
            #expect(try await world.order(other).state == .new)
        }
    }

    @Test func `a notice from a channel that is not configured gets no reply`() async throws {
        try await withWorld { world in
            let process = try await world.process("worker-a", channels: [wechat])
            let raw = world.sandbox.notice(.payment(receipt()), about: "\(first)", id: "n-1")
            #expect(await process.settle(raw, from: sandbox) == nil)
        }
    }
}
