import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `A merchant's refund` {
    private func wish(_ amount: Int64? = nil, _ number: String? = nil) -> RefundWish {
        RefundWish(number: number.map { RefundNumber($0)! }, amount: amount, reason: nil, refundable: nil)
    }

    private func key(_ key: String, _ fingerprint: String = "r") -> KeyUse {
        use(key, fingerprint, scope: "merchant POST /v1/payments/\(number)/refunds")
    }

    /// An order that the sandbox's first trade paid.
    private func withPaid(
        refunds: RefundTerms = .unlimited, _ body: (World, Process) async throws -> Void
    ) async throws {
        let terms = ProviderTerms(trades: terms().trades, refunds: refunds)
        try await withWorld(terms: terms) { world in
            let process = try await world.withPage()
            await world.notify(receipt(), process)
            try await body(world, process)
        }
    }

    private func requested(_ world: World) -> [String] {
        world.sandbox.calls.compactMap { if case .refund(let refund) = $0 { refund.number } else { nil } }
    }

    @Test func `is stored before the provider is called, and made by the clock`() async throws {
        try await withPaid { world, process in
            let result = try await RequestRefund(process.flows)(wish(6_000, "R1"), of: number, under: key("k"))
            #expect(result.refund?.number == "\(first)_m1" && result.isNews == true)
            #expect(world.sandbox.operations == ["create"])
            world.sandbox.willRefund(.succeeded())
            _ = try await process.refunds.runOnce(at: world.clock.now())
            #expect(requested(world) == ["\(first)_m1"])
            let order = try await world.order()
            #expect(order.refunded == 6_000 && order.refundable == 3_900)
        }
    }

    @Test func `of two processes that refund too much together, one is refused`() async throws {
        try await withPaid { world, process in
            let processes = [process, try await world.process("worker-b")]
            let results = try await withThrowingTaskGroup(of: RefundResult.self) { tasks in
                for index in 0..<2 {
                    tasks.addTask {
                        try await RequestRefund(processes[index].flows)(
                            wish(6_000), of: number, under: key("k-\(index)"))
                    }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(results.count { $0.refund != nil } == 1)
            #expect(results.compactMap(\.refusal) == [.tooMuch(refundable: 3_900)])
            #expect(try await world.order().refunds.count == 1)
        }
    }

    @Test func `a key is one refund in every process, and marks one request`() async throws {
        try await withPaid { world, process in
            let processes = [process, try await world.process("worker-b")]
            let results = try await withThrowingTaskGroup(of: RefundResult.self) { tasks in
                for index in 0..<6 {
                    tasks.addTask {
                        try await RequestRefund(processes[index % 2].flows)(wish(100), of: number, under: key("k"))
                    }
                }
                return try await tasks.reduce(into: []) { $0.append($1) }
            }
            #expect(results.count { $0.isNews == true } == 6)
            #expect(results.count { $0.isReplay == false } == 1)
            #expect(Set(results.map { $0.refund?.number }) == ["\(first)_m1"])
            #expect(try await world.order().refunds.count == 1)
            guard
                case .keyReused = try await RequestRefund(process.flows)(
                    wish(101), of: number, under: key("k", "another"))
            else {
                Issue.record("the key marked two requests")
                return
            }
        }
    }

    @Test func `a refused request uses no key up`() async throws {
        try await withPaid { world, process in
            let request = RequestRefund(process.flows)
            let refused = try await request(wish(9_901), of: number, under: key("k"))
            #expect(refused.refusal == .tooMuch(refundable: 9_900))
            #expect(try await process.ledger.keyRecord(key("k").key, at: world.clock.now()) == nil)
            #expect(try await request(wish(9_900), of: number, under: key("k", "less")).refund != nil)
        }
    }

    @Test func `is refused if the channel that was paid by is not configured`() async throws {
        try await withPaid { world, _ in
            let other = try await world.process("worker-b", channels: [wechat])
            guard
                case .channelMissing(sandbox) = try await RequestRefund(other.flows)(
                    wish(), of: number, under: key("k"))
            else {
                Issue.record("a refund was stored that nobody makes")
                return
            }
            #expect(try await world.order().refunds.isEmpty)
        }
    }

    @Test func `is refused beyond the provider's most refunds of a payment`() async throws {
        try await withPaid(refunds: RefundTerms(pause: .zero, mostPerTrade: 2)) { world, process in
            let request = RequestRefund(process.flows)
            for index in 0..<2 { _ = try await request(wish(100), of: number, under: key("k-\(index)")) }
            #expect(
                try await request(wish(100), of: number, under: key("k-3")).refusal
                    == .tooMany(limit: 2, refundable: 9_700))
        }
    }

    @Test func `waits for the provider's pause after another refund of the payment`() async throws {
        try await withPaid(refunds: RefundTerms(pause: .seconds(60), mostPerTrade: 50)) { world, process in
            let request = RequestRefund(process.flows)
            for index in 0..<2 { _ = try await request(wish(100), of: number, under: key("k-\(index)")) }
            world.sandbox.willRefund(.succeeded(), .succeeded())
            // The clock works on several refunds at a time: either of the two is the first.
            _ = try await process.refunds.runOnce(at: world.clock.now())
            #expect(requested(world).count == 1)
            world.move(to: world.at(60) - millisecond)
            _ = try await process.refunds.runOnce(at: world.clock.now())
            #expect(requested(world).count == 1)
            world.move(to: 60)
            _ = try await process.refunds.runOnce(at: world.clock.now())
            #expect(requested(world).sorted() == ["\(first)_m1", "\(first)_m2"])
            #expect(try await world.order().refunded == 200)
        }
    }

    @Test func `is retried under another number once the provider closed it, and never before`() async throws {
        try await withPaid { world, process in
            _ = try await RequestRefund(process.flows)(wish(6_000, "R1"), of: number, under: key("k"))
            let retry = RetryRefund(process.flows)
            guard case .notWaiting = try await retry("R1", of: number) else {
                Issue.record("a refund under way was retried")
                return
            }
            // The answer to the request is confirmed by a query.
            world.sandbox.willRefund(.closed(reason: "CLOSED"), .closed(reason: "CLOSED"))
            _ = try await process.refunds.runOnce(at: world.clock.now())
            #expect(try await world.order().refunds[0].state == .failed)
            guard case .queued(let refund, _) = try await retry("R1", of: number) else {
                Issue.record("a closed refund was not retried")
                return
            }
            #expect(refund.number == "\(first)_m1" && refund.providerNumber == "\(first)_m1_2")
            world.sandbox.willRefund(.succeeded())
            _ = try await process.refunds.runOnce(at: world.clock.now())
            #expect(requested(world) == ["\(first)_m1", "\(first)_m1_2"])
            #expect(try await world.order().refunded == 6_000)
        }
    }

    @Test func `a retry needs an order and a refund`() async throws {
        try await withPaid { world, process in
            let retry = RetryRefund(process.flows)
            guard case .noSuchRefund = try await retry("R1", of: number),
                case .noSuchOrder = try await retry("R1", of: OrderNumber("another_1")!)
            else {
                Issue.record("something unknown was retried")
                return
            }
        }
    }
}

extension RefundResult {
    fileprivate var refund: Refund? {
        if case .stored(let refund, _, _, _) = self { refund } else { nil }
    }

    fileprivate var isNews: Bool? {
        if case .stored(_, _, let isNews, _) = self { isNews } else { nil }
    }

    fileprivate var isReplay: Bool? {
        if case .stored(_, _, _, let isReplay) = self { isReplay } else { nil }
    }

    fileprivate var refusal: RefundRefusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }
}
