import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `A refund that was made in the provider's console` {
    private static let foreign = "50000000382019"

    private func withPaid(_ body: (World, Process) async throws -> Void) async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            await world.notify(receipt(), process)
            try await body(world, process)
        }
    }

    private func found(refundedAt: Instant?) throws -> ForeignRefund {
        try #require(
            ForeignRefund(
                number: Self.foreign, tradeNumber: first, transactionID: receipt().transactionID,
                money: Money(amount: 6_000, currency: yuan.currency)!, refundedAt: refundedAt))
    }

    private func notify(
        _ world: World, _ process: Process, _ answer: RefundAnswer = .succeeded(), id: String
    ) async -> Int? {
        let notice = world.sandbox.notice(.refund(number: Self.foreign, answer), about: "\(first)", id: id)
        return await process.settle(notice, from: sandbox)?.status
    }

    @Test func `is taken in once, after the provider has confirmed it`() async throws {
        try await withPaid { world, process in
            world.sandbox.willFindRefund(.found(try found(refundedAt: world.at(5))))
            #expect(await notify(world, process, id: "r-1") == 200)
            let refund = try #require(try await world.order().refunds.first)
            #expect(refund.number == Self.foreign && refund.cause == .provider && refund.state == .succeeded)
            #expect(refund.money.amount == 6_000 && refund.refundedAt == world.at(5))
            #expect(try await world.order().refundable == 3_900)

            // The notice comes again, under its own id and under another one.
            #expect(await notify(world, process, id: "r-1") == 200)
            #expect(await notify(world, process, id: "r-2") == 200)
            #expect(world.sandbox.operations.filter { $0 == "find_refund" }.count == 1)
            #expect(try await world.order().refunds == [refund])
        }
    }

    @Test func `is not acknowledged while the provider's answer is unknown`() async throws {
        try await withPaid { world, process in
            world.sandbox.willFindRefund(.unknown(.unanswered), .found(try found(refundedAt: world.at(5))))
            #expect(await notify(world, process, id: "r-1") == 500)
            #expect(try await world.order().refunds.isEmpty)
            #expect(await notify(world, process, id: "r-1") == 200)
            #expect(try await world.order().refunds.count == 1)
        }
    }

    @Test func `is not taken in if the provider knows none, and a notice of its success has to come again`()
        async throws
    {
        try await withPaid { world, process in
            world.sandbox.willFindRefund(.noSuchRefund, .noSuchRefund)
            #expect(await notify(world, process, id: "r-1") == 500)
            #expect(await notify(world, process, .closed(reason: "CLOSED"), id: "r-2") == 200)
            let order = try await world.order()
            #expect(order.refunds.isEmpty && order.refundable == yuan.amount)
        }
    }

    @Test func `is followed by the clock until the money went back`() async throws {
        try await withPaid { world, process in
            world.sandbox.willFindRefund(.found(try found(refundedAt: nil)))
            #expect(await notify(world, process, id: "r-1") == 200)
            #expect(try await world.order().refunds.map(\.state) == [.submitted])
            world.sandbox.willRefund(.succeeded(at: world.at(9)))
            world.move(to: 10)
            _ = try await process.refunds.runOnce(at: world.clock.now())
            #expect(world.sandbox.operations.last == "follow")
            #expect(try await world.order().refunded == 6_000)
        }
    }

    @Test func `leaves less for the merchant's next refund`() async throws {
        try await withPaid { world, process in
            world.sandbox.willFindRefund(.found(try found(refundedAt: world.at(5))))
            _ = await notify(world, process, id: "r-1")
            let wish = RefundWish(number: nil, amount: 6_000, reason: nil, refundable: nil)
            guard
                case .refused(.tooMuch(refundable: 3_900)) = try await RequestRefund(process.flows)(
                    wish, of: number, under: use("k", scope: "refunds"))
            else {
                Issue.record("more was refunded than arrived")
                return
            }
        }
    }
}
