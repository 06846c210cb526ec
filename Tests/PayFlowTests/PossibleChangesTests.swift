import PayCore
import PayFlow
import PayTestSupport
import Testing

/// The possible changes of an order are those that the flows make.
@Suite struct PossibleChangesTests {
    private func possible(_ process: Process) -> PossibleChanges { PossibleChanges(process.flows) }

    private func wish(_ amount: Int64? = nil, refundable: Int64? = nil) -> RefundWish {
        RefundWish(number: nil, amount: amount, reason: nil, refundable: refundable)
    }

    @Test func `an order can be closed until it is paid`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            #expect(try possible(process).close(try await world.order()) == .possible)
            await world.notify(receipt(), process)
            #expect(try possible(process).close(try await world.order()) == .refused(.orderNotNew(.paid)))
        }
    }

    @Test func `a closed order is not closed again`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            _ = try await process.close(number)
            #expect(try possible(process).close(try await world.order()) == .alreadyClosed)
        }
    }

    @Test func `an order can't be closed without the channel that may take its money`() async throws {
        try await withWorld { world in
            _ = try await world.withPage()
            let process = try await world.process("worker-b", channels: [PayFlowTests.wechat])
            #expect(try possible(process).close(try await world.order()) == .refused(.switchUnsafe))
        }
    }

    @Test func `only what is left of a payment can be refunded`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            #expect(possible(process).refund(wish(), of: try await world.order()) == .refused(.notPaid(.new)))
            await world.notify(receipt(), process)
            let order = try await world.order()
            #expect(possible(process).refund(wish(), of: order) == .possible(yuan))
            #expect(possible(process).refund(wish(yuan.amount + 1), of: order) == .refused(.tooMuch(refundable: 9_900)))
            #expect(
                possible(process).refund(wish(1, refundable: 1), of: order)
                    == .refused(.amountChanged(refundable: 9_900)))
            let other = try await world.process("worker-b", channels: [PayFlowTests.wechat])
            #expect(possible(other).refund(wish(), of: order) == .channelMissing(PayFlowTests.sandbox))
        }
    }

    @Test func `a dispute can be decided once`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            await world.notify(receipt(amount: 9_800), process)
            let order = try await world.order()
            let disputed = try #require(order.receipts.first)
            guard case .accepted(.paid) = try possible(process).decide(.accept, on: disputed.receipt, of: order),
                case .refunded(let refund) = try possible(process).decide(.refund, on: disputed.receipt, of: order)
            else {
                Issue.record("the dispute can't be decided")
                return
            }
            #expect(refund.money.amount == 9_800)
            #expect(try await world.order() == order, "nothing is stored")
        }
    }

    @Test func `a query by a person does not wait for the next one by the clock`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let order = try await world.order()
            let attempt = try #require(order.attempts.first)
            #expect(possible(process).query(attempt, of: order) == .possible)
            #expect(try await process.query.runOnce(at: world.clock.now()).isEmpty, "not due by the clock")
            world.sandbox.willQuery(.paid(receipt()))
            #expect(try await process.query(first, by: ann) == .settled)
            let paid = try await world.order()
            #expect(paid.state.name == .paid)
            let entries = try await world.store.auditEntries(AuditListing(order: number, limit: 9))
            #expect(entries.map(\.note) == [AuditNote(ann, .orderQueried, on: first.text, of: number)])
            #expect(possible(process).query(try #require(paid.attempts.first), of: paid) == .notAsked)
            #expect(try await process.query(first, by: ann) == nil)
            #expect(try await world.store.auditEntries(AuditListing(order: number, limit: 9)).count == 1)
        }
    }
}

private let ann = Actor(PersonName("ann")!, by: .console, from: PersonName("192.0.2.1"))
