import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `A notice of a refund` {
    private static let payment = ProviderReference("tx-1")!

    private func found(_ amount: Int64 = 4_000, number: String = "re_1", at time: Instant? = nil) -> ForeignRefund {
        ForeignRefund(
            number: number, tradeNumber: first, transactionID: TransactionID("tx-1")!,
            money: Money(amount: amount, currency: yuan.currency)!, refundedAt: time)!
    }

    @Test func `a notice of a payment and its refund settles both, and a repeat changes nothing`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.sandbox.willFindRefund(.found(found(at: world.start)))
            for _ in 1...2 {
                let notice = world.sandbox.notice(
                    .refundedPayment(receipt(), refund: "re_1"), about: "\(first)", id: "n-1")
                #expect(await process.settle(notice, from: sandbox)?.status == 200)
            }
            let order = try await world.order()
            #expect(order.state == .paid(by: first, at: world.start))
            #expect(order.refunds.map(\.number) == ["re_1"])
            #expect(order.refunds.map(\.cause) == [.provider] && order.refunds.map(\.state) == [.succeeded])
            #expect(order.refunded == 4_000 && order.refundable == 5_900)
        }
    }

    @Test func `a payment's notice whose refund is not confirmed keeps the payment, and is sent again`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let content = ProviderNotice.Content.refundedPayment(receipt(), refund: "re_1")
            world.sandbox.willFindRefund(.unknown(.answered))
            let first = world.sandbox.notice(content, about: "\(PayFlowTests.first)", id: "n-1")
            #expect(await process.settle(first, from: sandbox)?.status == 500)
            guard case .noticeNotConfirmed(sandbox, why: _) = process.observer.observations.last else {
                Issue.record("\(String(describing: process.observer.observations.last))")
                return
            }
            #expect(try await world.order().payment != nil)
            #expect(try await world.order().refunds.isEmpty)
            world.sandbox.willFindRefund(.found(found(at: world.start)))
            #expect(await process.settle(first, from: sandbox)?.status == 200)
            #expect(try await world.order().refunded == 4_000)
        }
    }

    @Test func `a refund that is named by its payment only is taken in, and stored with its trade`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            await world.notify(receipt(), process)
            world.sandbox.willFindRefund(.found(found()))
            let notice = world.sandbox.notice(
                .refund(number: "re_1", .submitted), about: "", id: "n-2", named: Self.payment)
            #expect(await process.settle(notice, from: sandbox)?.status == 200)
            #expect(process.observer.observations.last == .notice(sandbox, .settled))
            #expect(try await world.order().refunds.map(\.state) == [.submitted])
        }
    }

    @Test func `a refund of a payment that is not ours is ignored`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            await world.notify(receipt(), process)
            let notice = world.sandbox.notice(
                .refund(number: "re_1", .succeeded()), about: "", id: "n-2", named: ProviderReference("tx-9"))
            #expect(await process.settle(notice, from: sandbox)?.status == 200)
            #expect(process.observer.observations.last == .notice(sandbox, .ignored))
            #expect(try await world.order().refunds.isEmpty)
        }
    }

    @Test func `a refund of the console that its provider no longer knows is never requested`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            await world.notify(receipt(), process)
            world.sandbox.willFindRefund(.found(found()))
            let notice = world.sandbox.notice(
                .refund(number: "re_1", .submitted), about: "", id: "n-2", named: Self.payment)
            _ = await process.settle(notice, from: sandbox)
            world.sandbox.willRefund(.noSuchRefund)
            world.move(to: 10)
            #expect(try await process.refunds.runOnce(at: world.clock.now())[.waiting] == 1)
            #expect(world.sandbox.operations == ["create", "find_refund", "follow"])
        }
    }
}
