import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `A dispute that a person decides` {
    private let payment = TransactionID("tx-1")!

    private func ruling(_ verdict: DisputeVerdict, _ reason: String = "checked by phone") -> DisputeRuling {
        DisputeRuling(verdict, by: PersonName("Ann Lee")!, reason: RulingReason(reason)!)
    }

    /// An order with a page, and a payment of another amount.
    private func withDispute(_ body: (World, Process) async throws -> Void) async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            await world.notify(receipt(amount: 9_800), process)
            #expect(try await standings(world) == [.disputed])
            try await body(world, process)
        }
    }

    private func standings(_ world: World) async throws -> [ReceiptStanding] {
        try await world.order().receipts.map(\.standing)
    }

    @Test func `is accepted once, and then pays the order`() async throws {
        try await withDispute { world, process in
            let decide = DecideDispute(process.flows)
            let accepted = try await decide(ruling(.accept), on: payment, of: number)
            #expect(accepted.action == .paid)
            #expect(try await world.order().state.name == .paid)
            #expect(process.money.last == .orderEntered(.paid, number))
            for verdict in DisputeVerdict.allCases {
                #expect(
                    try await decide(ruling(verdict), on: payment, of: number).refusal == .notDisputed(.honest))
            }
            // The provider repeats the payment, with either amount.
            await world.notify(receipt(), process, id: "n-2")
            await world.notify(receipt(amount: 9_800), process, id: "n-3")
            #expect(try await standings(world) == [.honest])
            #expect(try await world.order().refunds.isEmpty)
        }
    }

    @Test func `of two processes, one decides`() async throws {
        try await withDispute { world, process in
            let processes = [process, try await world.process("worker-b")]
            let results = try await withThrowingTaskGroup(of: DisputeResult.self) { tasks in
                for (index, verdict) in [DisputeVerdict.accept, .refund, .accept, .refund].enumerated() {
                    tasks.addTask {
                        try await DecideDispute(processes[index % 2].flows)(
                            ruling(verdict), on: payment, of: number)
                    }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(results.count { $0.refusal == nil } == 1)
            let order = try await world.order()
            #expect((order.state.name == .paid) == order.refunds.isEmpty)
            #expect(order.refunds.count <= 1)
        }
    }

    @Test func `is a duplicate if the order was paid in the meantime, and goes back`() async throws {
        try await withDispute { world, process in
            await world.notify(receipt(of: first, "tx-2"), process, id: "n-2")
            let result = try await DecideDispute(process.flows)(ruling(.accept), on: payment, of: number)
            guard case .duplicate(let refund) = result.action else {
                Issue.record("\(result)")
                return
            }
            #expect(refund.money.amount == 9_800)
            #expect(try await standings(world) == [.duplicate, .honest])
            world.sandbox.willRefund(.succeeded())
            _ = try await process.refunds.runOnce(at: world.clock.now())
            #expect(try await world.order().refunds.map(\.state) == [.succeeded])
            #expect(try await world.order().refundable == yuan.amount)
        }
    }

    @Test func `is refunded, followed until the money went back, and pays nothing`() async throws {
        try await withDispute { world, process in
            let decide = DecideDispute(process.flows)
            #expect(try await decide(ruling(.refund), on: payment, of: number).refund?.cause == .dispute)
            #expect(try await decide(ruling(.refund), on: payment, of: number).refusal == .notDisputed(.rejected))
            world.sandbox.willRefund(.submitted, .succeeded())
            _ = try await process.refunds.runOnce(at: world.clock.now())
            world.move(to: 10)
            _ = try await process.refunds.runOnce(at: world.clock.now())
            let order = try await world.order()
            #expect(order.refunds.map(\.state) == [.succeeded] && order.refunds[0].money.amount == 9_800)
            #expect(order.state.name == .new)
            await world.notify(receipt(), process, id: "n-2")
            #expect(try await standings(world) == [.rejected])
        }
    }

    @Test func `needs no decision once the provider reports it with matching particulars`() async throws {
        try await withDispute { world, process in
            await world.notify(receipt(), process, id: "n-2")
            #expect(try await world.order().state.name == .paid)
            let result = try await DecideDispute(process.flows)(ruling(.refund), on: payment, of: number)
            #expect(result.refusal == .notDisputed(.honest))
        }
    }

    @Test func `who decided and why is in the history, once`() async throws {
        try await withDispute { world, process in
            let decide = DecideDispute(process.flows)
            _ = try await decide(ruling(.refund, "not ours"), on: TransactionID("tx-9")!, of: number)
            _ = try await decide(ruling(.accept, "the bank rounded"), on: payment, of: number)
            _ = try await decide(ruling(.refund, "too late"), on: payment, of: number)
            let notes = try await world.rulings()
            #expect(notes == ["accept tx-1 of \(first), by Ann Lee: the bank rounded"])
        }
    }

    @Test func `needs an order and a payment`() async throws {
        try await withDispute { world, process in
            let decide = DecideDispute(process.flows)
            let other = OrderNumber("another_1")!
            guard case .noSuchOrder = try await decide(ruling(.accept), on: payment, of: other) else {
                Issue.record("an unknown order was decided")
                return
            }
            #expect(
                try await decide(ruling(.accept), on: TransactionID("tx-9")!, of: number).refusal == .noSuchReceipt)
        }
    }
}

extension World {
    fileprivate func rulings() async throws -> [String] {
        try await store.history(of: number).compactMap { entry in
            if case .noted(.ruled(let ruling, let payment, let trade)) = entry.what {
                "\(ruling.verdict) \(payment) of \(trade), by \(ruling.by.text): \(ruling.reason.text)"
            } else {
                nil
            }
        }
    }
}

extension DisputeResult {
    fileprivate var action: SettleAction? {
        if case .decided(.accepted(let action), _) = self { action } else { nil }
    }

    fileprivate var refund: Refund? {
        if case .decided(.refunded(let refund), _) = self { refund } else { nil }
    }

    fileprivate var refusal: RulingRefusal? {
        if case .decided(.refused(let refusal), _) = self { refusal } else { nil }
    }
}
