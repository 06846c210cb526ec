import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite(.timeLimit(.minutes(2))) struct `Telling the merchant about a refund` {
    private func run(_ world: World, _ process: Process, _ teller: Teller) async throws {
        _ = try await process.refunds.runOnce(at: world.clock.now())
        _ = try await teller.events.runOnce(at: world.clock.now())
    }

    private func told(_ receiver: ScriptedReceiver) -> [String] {
        receiver.sent.map(\.event.kind.rawValue)
    }

    @Test func `each end of a refund is told with the merchant's number, cause and reason`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            await world.notify(receipt(), process)
            let receiver = ScriptedReceiver()
            let teller = try world.teller(receiver)
            let wish = RefundWish(
                number: RefundNumber("R1")!, amount: 6_000, reason: RefundReason("a tear")!, refundable: nil)
            _ = try await RequestRefund(process.flows)(wish, of: number, under: use("k", scope: "refunds"))
            world.sandbox.willRefund(.refused(reason: "GONE"), .noSuchRefund)
            try await run(world, process, teller)
            #expect(told(receiver) == ["order.paid", "refund.failed"])
            let failed = try #require(receiver.sent.last)
            #expect(failed.event.providerCode == "GONE")
            #expect(
                failed.refund
                    == EventMessage.RefundParticulars(
                        number: "R1", money: Money(amount: 6_000, currency: yuan.currency)!, cause: .merchant,
                        reason: RefundReason("a tear")!))

            _ = try await RetryRefund(process.flows)("R1", of: number)
            world.sandbox.willRefund(.succeeded())
            try await run(world, process, teller)
            #expect(told(receiver) == ["order.paid", "refund.failed", "refund.succeeded"])
            #expect(receiver.sent.last?.refund == failed.refund)
            #expect(receiver.sent.last?.payment?.transactionID == receipt().transactionID)
        }
    }

    @Test func `disputed money is told once, and its refund with its cause`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let receiver = ScriptedReceiver()
            let teller = try world.teller(receiver)
            await world.notify(receipt(amount: 9_800), process)
            await world.notify(receipt(amount: 9_800), process, id: "n-2")
            let ruling = DisputeRuling(.refund, by: PersonName("Ann")!, reason: RulingReason("a test")!)
            _ = try await DecideDispute(process.flows)(ruling, on: receipt().transactionID, of: number)
            world.sandbox.willRefund(.succeeded())
            try await run(world, process, teller)
            #expect(told(receiver) == ["payment.disputed", "refund.succeeded"])
            #expect(receiver.sent[0].payment?.amount == 9_800)
            #expect(receiver.sent[1].refund?.cause == .dispute)
        }
    }
}
