import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `Money that was returned before it was reported` {
    private let returned = QueryAnswer.paid(receipt(returned: true))

    /// A payment that is refunded in the provider's console; a query reports both.
    private func withReturned(_ world: World) async throws -> Process {
        let process = try await world.withPage()
        world.move(to: 15)
        world.sandbox.willQuery(returned)
        let report = try await process.query.runOnce(at: world.clock.now())
        #expect(report[.settled] == 1)
        return process
    }

    @Test func `returned money pays nothing and is reported, and the next attempt pays the order`() async throws {
        try await withWorld { world in
            // Given
            let process = try await withReturned(world)
            let order = try await world.order()
            #expect(order.state == .new && order.receipts.map(\.standing) == [.returned] && order.refunds.isEmpty)
            #expect(try await world.outbox().map(\.kind) == [.paymentReturned])
            #expect(process.money == [.returnedPayment(sandbox, first)])
            #expect(try await process.refunds.runOnce(at: world.clock.now()).isEmpty)

            // When
            world.sandbox.willCreate(made("the second"))
            #expect(try await process.pay(repay()).content == "the second")
            await world.notify(receipt(of: second, "tx-2"), process)

            // Then
            #expect(try await world.order().state == .paid(by: second, at: world.at(15)))
            #expect(try await world.order().refunds.isEmpty)
            #expect(try await world.outbox().map(\.kind) == [.paymentReturned, .orderPaid])
        }
    }

    @Test func `a late notice of returned money pays nothing`() async throws {
        try await withWorld { world in
            let process = try await withReturned(world)
            await world.notify(receipt(), process)
            #expect(try await world.order().state == .new)
            #expect(process.observer.observations.last == .notice(sandbox, .repeated))
        }
    }

    @Test func `returned money lets its order expire`() async throws {
        try await withWorld { world in
            let process = try await withReturned(world)
            world.move(to: world.at(1_800) - millisecond)
            #expect(try await process.expire.runOnce(at: world.clock.now()).isEmpty)
            world.move(to: 1_800)
            #expect(try await process.expire.runOnce(at: world.clock.now())[.expired] == 1)
            #expect(try await world.outbox().map(\.kind) == [.paymentReturned, .orderExpired])
        }
    }

    @Test func `returned money lets the merchant close its order, whatever call finds it`() async throws {
        for isKnown in [true, false] {
            try await withWorld { world in
                let process = isKnown ? try await withReturned(world) : try await world.withPage()
                if !isKnown {
                    world.sandbox.willClose(.alreadyPaid)
                    world.sandbox.willQuery(returned)
                }
                #expect(try await process.close(number).state == .closed)
                #expect(try await world.states() == [.paid])
                #expect(try await world.order().refunds.isEmpty)
                #expect(process.money == [.returnedPayment(sandbox, first)])
            }
        }
    }

    @Test func `a switch that finds returned money continues`() async throws {
        try await withWorld(switching: .strict) { world in
            let process = try await world.withPage()
            world.sandbox.willClose(.alreadyPaid)
            world.sandbox.willQuery(returned)
            world.wechat.willCreate(made("wechat's", serves: [.pc]))
            #expect(try await process.pay(repay(wechat, .pc)).content == "wechat's")
            #expect(try await world.states() == [.paid, .open])
            #expect(process.money == [.returnedPayment(sandbox, first)])
        }
    }

    @Test func `returned money found by a create is followed by the next attempt`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            world.sandbox.willCreate(.alreadyPaid, made("the second"))
            world.sandbox.willQuery(returned)
            #expect(try await process.pay(world.firstPay()).content == "the second")
            #expect(try await world.states() == [.paid, .open])
            #expect(try await world.order().lease == nil)
        }
    }

    @Test func `returned money found by a revival is followed by the next attempt`() async throws {
        try await withWorld(terms: alipayLike, wechatTerms: wechatLike) { world in
            let process = try await world.withSwitch()
            world.wechat.willClose(.accepted)
            world.wechat.willQuery(.closed)
            world.sandbox.willQuery(returned)
            world.sandbox.willCreate(made("the third"))
            #expect(try await process.pay(repay(sandbox, .pc)).content == "the third")
            #expect(try await world.states() == [.paid, .closed, .open])
        }
    }

    @Test func `returned money found by lease recovery frees the order`() async throws {
        try await withWorld { world in
            // Given a process that crashed before it got an answer.
            let dead = try await world.process("worker-a")
            let hold = world.sandbox.willHoldCreate(then: .unknown(.unanswered))
            let lost = Task { try await dead.pay(world.firstPay()) }
            await hold.waitForArrival()
            world.move(to: 60)

            // When
            world.sandbox.willCreate(.alreadyPaid)
            world.sandbox.willQuery(returned)
            let process = try await world.process("worker-b")
            #expect(try await process.recover.runOnce(at: world.clock.now())[.asked] == 1)

            // Then
            #expect(try await world.order().lease == nil)
            #expect(try await world.states() == [.paid])
            world.sandbox.willCreate(made("the second"))
            hold.release()
            #expect(try await lost.value.content == "the second")
        }
    }

    @Test(arguments: [true, false]) func `a notice of a change causes a query of its trade at once`(isKnown: Bool)
        async throws
    {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            world.move(to: 5)
            let trade = isKnown ? first.text : second.text
            let notice = world.sandbox.notice(.other, about: trade, id: "n-1")
            #expect(await process.settle(notice, from: sandbox)?.status == 200)

            // When
            if isKnown { world.sandbox.willQuery(returned) }
            let report = try await process.query.runOnce(at: world.clock.now())

            // Then
            #expect(report[.settled] == (isKnown ? 1 : 0) && report[.unchanged] == 0)
        }
    }

    @Test func `a notice of a refund that comes before the notice of its payment settles both`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let notice = world.sandbox.notice(.refund(number: "by-hand-7", .succeeded()), about: first.text, id: "n-1")

            // When the provider can't be asked, the notice is not acknowledged.
            world.sandbox.willQuery(.unknown(.unanswered))
            #expect(await process.settle(notice, from: sandbox)?.status == 500)
            #expect(try await world.order().receipts.isEmpty)

            // When the provider does not show the refund yet, neither.
            world.sandbox.willQuery(.paid(receipt()))
            world.sandbox.willFindRefund(.noSuchRefund)
            #expect(await process.settle(notice, from: sandbox)?.status == 500)
            #expect(try await world.order().refunds.isEmpty)

            // Then
            let money = Money(amount: 1, currency: Currency("CNY")!)!
            let foreign = ForeignRefund(
                number: "by-hand-7", tradeNumber: first, transactionID: receipt().transactionID, money: money,
                refundedAt: world.clock.now())
            world.sandbox.willFindRefund(.found(try #require(foreign)))
            #expect(await process.settle(notice, from: sandbox)?.status == 200)
            #expect(try await world.order().receipts.map(\.standing) == [.honest])
            #expect(try await world.order().refunds.map(\.cause) == [.provider])
        }
    }

    @Test func `a notice of a change of another shop's trade causes no query`() async throws {
        try await withWorld { world in
            let page = ProviderPage(
                kind: .redirect, content: "https://pay.example/ours", serves: [.pc], usableFor: nil,
                reference: ProviderReference("cs_ours"))
            let process = try await world.withPage(.made(page))
            let others = world.sandbox.notice(
                .other, about: "\(first)", id: "n-1", named: ProviderReference("cs_another_shop"))
            #expect(await process.settle(others, from: sandbox)?.status == 200)
            #expect(try await process.query.runOnce(at: world.clock.now()).isEmpty)
        }
    }
}

@Suite struct `A payment that a wrong setting disputed` {
    private let disputed = receipt(ours: false)

    @Test func `a disputed payment pays the order when its notice comes again after the fix`() async throws {
        try await withWorld { world in
            // Given
            let process = try await world.withPage()
            await world.notify(disputed, process)
            let before = try await world.store.history(of: number).count

            // When the setting was corrected.
            world.move(to: 100)
            await world.notify(receipt(), process)

            // Then
            let order = try await world.order()
            #expect(order.state == .paid(by: first, at: world.at(100)))
            #expect(order.receipts == [RecordedReceipt(receipt: receipt(), standing: .honest, recordedAt: world.start)])
            #expect(process.money == [.needsPerson(sandbox, trade: first.text), .orderEntered(.paid, number)])
            let history = try await world.store.history(of: number)
            let money = RecordedReceipt(receipt: receipt(), standing: .disputed, recordedAt: world.start)
            #expect(history.prefix(before).contains { $0.what == .money(money) })
            let told = try await world.outbox()
            #expect(Set(told.map(\.kind)) == [.paymentDisputed, .orderPaid])
            #expect(
                history.dropFirst(before).map(\.what) == [
                    .changed(.receiptJudged(receipt().transactionID, of: first, as: .honest)),
                    .changed(.attemptMoved(first, from: .open, to: .paid)), .changed(.moved(to: .paid)),
                    .told(try #require(told.first { $0.kind == .orderPaid })),
                ])
        }
    }

    @Test func `a disputed payment pays the order when the query of a switch finds it valid`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            await world.notify(disputed, process)
            world.sandbox.willClose(.alreadyPaid)
            world.sandbox.willQuery(.paid(receipt()))
            #expect(try await process.pay(repay(wechat, .pc)).refusal == .orderNotNew(.paid))
            #expect(try await world.order().receipts.map(\.standing) == [.honest])
        }
    }

    @Test func `a disputed payment is found by a query within the hour, long after the last word`() async throws {
        try await withWorld { world in
            // Given an order whose providers have given their last word.
            let process = try await world.withPage()
            world.move(to: 1_800)
            world.sandbox.willClose(.alreadyPaid)
            world.sandbox.willQuery(.paid(disputed))
            _ = try await process.expire.runOnce(at: world.clock.now())
            world.move(to: 1_860)
            world.sandbox.willQuery(.paid(disputed))
            _ = try await process.query.runOnce(at: world.clock.now())

            // When the setting is corrected after a day.
            for hour in 1...24 {
                world.move(to: 1_860 + hour * 3_600)
                world.sandbox.willQuery(.paid(hour < 24 ? disputed : receipt()))
                _ = try await process.query.runOnce(at: world.clock.now())
                #expect(try await process.expire.runOnce(at: world.clock.now()).isEmpty)
            }

            // Then
            #expect(try await world.order().state == .paid(by: first, at: world.clock.now()))
        }
    }

    @Test func `a disputed payment is refunded if another one has paid the order`() async throws {
        try await withWorld { world in
            let process = try await world.withSwitch()
            await world.notify(disputed, process)
            await world.notify(receipt(of: second, "tx-2", by: wechat), process, id: "n-2")
            world.move(to: 1)
            world.sandbox.willQuery(.paid(receipt()))
            _ = try await process.query.runOnce(at: world.clock.now())
            #expect(try await world.order().receipts.map(\.standing) == [.duplicate, .honest])
            #expect(try await world.order().refunds.map(\.number) == ["\(first)_r1"])
        }
    }

    @Test func `a disputed payment that is reported for another order raises an alarm`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            await world.notify(disputed, process)
            let other = try #require(OrderNumber("20261122_0002"))
            world.sandbox.willCreate(made())
            _ = try await process.pay(firstPay(other, at: world.start)).answer()
            await world.notify(receipt(of: TradeNumber(order: other, sequence: 1)), process, id: "n-2")
            #expect(try await world.order(other).state == .new)
            #expect(try await world.order().state == .new)
            #expect(process.observer.observations.last == .notice(sandbox, .disputed))
        }
    }
}
