import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `Refunds` {
    static let refundNumber = "\(first)_r1"

    /// An order that the merchant closed, and money that arrived for it anyway.
    private func withLateMoney(_ body: (World, Process) async throws -> Void) async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.sandbox.willClose(.accepted)
            world.sandbox.willQuery(.closed)
            #expect(try await process.close(number).state == .closed)
            await world.notify(receipt(), process)
            try await body(world, process)
        }
    }

    private func refund(_ world: World) async throws -> Refund {
        try #require(try await world.order().refunds.first)
    }

    private func run(_ process: Process, _ world: World) async throws -> SweepReport<SubmitRefunds.Outcome> {
        try await process.refunds.runOnce(at: world.clock.now())
    }

    @Test func `late money is refunded: requested, queried, succeeded`() async throws {
        try await withLateMoney { world, process in
            // When
            world.sandbox.willRefund(.submitted)
            let taken = try await run(process, world)
            #expect(taken[.submitted] == 1)
            #expect(try await refund(world).state == .submitted)
            #expect(try await run(process, world).isEmpty)

            // Then
            world.move(to: 10)
            world.sandbox.willRefund(.submitted)
            #expect(try await run(process, world)[.waiting] == 1)
            world.move(to: 20)
            world.sandbox.willRefund(.succeeded())
            #expect(try await run(process, world)[.succeeded] == 1)
            #expect(world.sandbox.operations.suffix(3) == ["refund", "follow", "follow"])
            #expect(try await refund(world).state == .succeeded)
            world.move(to: 999_999)
            #expect(try await run(process, world).isEmpty)
            #expect(process.money == [.latePayment(sandbox, first)])
            #expect(process.observer.observations.contains(.refund(sandbox, .succeeded, first)))
        }
    }

    @Test func `a duplicate payment is refunded through the channel that it came by`() async throws {
        try await withWorld(terms: alipayLike, wechatTerms: wechatLike) { world in
            // Given
            let process = try await world.withSwitch()
            await world.notify(receipt(of: second, "w-1", by: wechat), process)
            await world.notify(receipt(of: first, "s-1"), process, id: "n-2")
            await world.notify(receipt(of: second, "w-2", by: wechat), process, id: "n-3")

            // When
            world.sandbox.willRefund(.succeeded())
            world.wechat.willRefund(.succeeded())
            #expect(try await run(process, world)[.succeeded] == 2)

            // Then
            #expect(try await world.order().refunds.map(\.number) == ["\(first)_r1", "\(second)_r2"])
            #expect(world.sandbox.operations.last == "refund" && world.wechat.operations.last == "refund")
            #expect(
                process.money == [
                    .orderEntered(.paid, number), .duplicatePayment(sandbox, first), .duplicatePayment(wechat, second),
                ])
        }
    }

    @Test func `a refund with an unknown outcome is retried under the same number, ever more rarely`() async throws {
        try await withLateMoney { world, process in
            for second in [0, 10, 20, 40, 80, 160] {
                if second > 0 {
                    world.move(to: world.at(second) - millisecond)
                    #expect(try await run(process, world).isEmpty)
                }
                world.move(to: second)
                world.sandbox.willRefund(second % 20 == 0 ? .unknown(.unanswered) : .unknown(.answered))
                #expect(try await run(process, world)[.waiting] == 1)
            }
            world.move(to: 320)
            world.sandbox.willRefund(.succeeded())
            let back = try await run(process, world)
            #expect(back[.succeeded] == 1)
            let numbers = world.sandbox.calls.compactMap {
                if case .refund(let refund) = $0 { refund.number } else { nil }
            }
            #expect(numbers == Array(repeating: Self.refundNumber, count: 7))
        }
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let follow: RefundAnswer
        let state: RefundState
    }

    static let refusals = [
        Refusal(testDescription: "no such refund", follow: .noSuchRefund, state: .failed),
        Refusal(testDescription: "refused", follow: .refused(reason: "GONE"), state: .failed),
        Refusal(testDescription: "an earlier request was done", follow: .succeeded(), state: .succeeded),
        Refusal(testDescription: "an earlier request is under way", follow: .submitted, state: .submitted),
        Refusal(testDescription: "nobody knows", follow: .unknown(.answered), state: .pending),
        Refusal(testDescription: "no answer", follow: .unknown(.unanswered), state: .pending),
    ]

    @Test(arguments: refusals)
    func `a refusal of a refund is believed only if a query finds no such refund`(row: Refusal) async throws {
        try await withLateMoney { world, process in
            world.sandbox.willRefund(.refused(reason: "EXISTS"), row.follow)
            _ = try await run(process, world)
            #expect(world.sandbox.operations.suffix(2) == ["refund", "follow"])
            #expect(try await refund(world).state == row.state)
        }
    }

    @Test func `a refund that the provider no longer knows is requested again under its number`() async throws {
        try await withLateMoney { world, process in
            world.sandbox.willRefund(.submitted)
            _ = try await run(process, world)
            world.move(to: 10)
            world.sandbox.willRefund(.noSuchRefund, .refused(reason: "SLOW DOWN"), .submitted)
            #expect(try await run(process, world)[.waiting] == 1)
            #expect(world.sandbox.operations.suffix(3) == ["follow", "refund", "follow"])
            world.move(to: 20)
            world.sandbox.willRefund(.noSuchRefund, .succeeded())
            #expect(try await run(process, world)[.succeeded] == 1)
            #expect(world.sandbox.operations.suffix(2) == ["follow", "refund"])
        }
    }

    @Test func `a refund that a crash interrupted is continued under the same number`() async throws {
        try await withLateMoney { world, process in
            for passing in [0, 1] {
                // Given
                let dead = try await world.process("worker-dead-\(passing)")
                let hold = dead.ledger.willStop(passing == 0 ? .behind : .before, .update, after: passing)
                if passing == 1 { world.sandbox.willRefund(.succeeded()) }
                let now = world.clock.now()
                Task { _ = try? await dead.refunds.runOnce(at: now) }
                await hold.waitForArrival()
                #expect(try await refund(world).state == .pending)
                world.clock.advance(by: .seconds(30) - millisecond)
                #expect(try await run(process, world).isEmpty)
                world.clock.advance(by: millisecond)
            }
            // Then
            world.sandbox.willRefund(.succeeded())
            #expect(try await run(process, world)[.succeeded] == 1)
            let numbers = world.sandbox.calls.compactMap {
                if case .refund(let refund) = $0 { refund.number } else { nil }
            }
            #expect(numbers == [Self.refundNumber, Self.refundNumber])
        }
    }

    @Test func `a provider's notice completes a refund`() async throws {
        try await withLateMoney { world, process in
            // Given
            world.sandbox.willRefund(.submitted)
            _ = try await run(process, world)

            // When
            let notice = world.sandbox.notice(
                .refund(number: Self.refundNumber, .succeeded()), about: "\(first)", id: "r-1")
            #expect(await process.settle(notice, from: sandbox)?.status == 200)
            #expect(await process.settle(notice, from: sandbox)?.status == 200)

            // Then
            #expect(try await refund(world).state == .succeeded)
            // A query confirms the success, because the notice may be older than a revocation.
            world.sandbox.willRefund(.succeeded())
            _ = try await run(process, world)
            world.move(to: 9_999)
            #expect(try await run(process, world).isEmpty)
            #expect(process.observer.observations.count { $0 == .refund(sandbox, .succeeded, first) } == 1)

            // When the bank sends the money back after all, then a query confirms it.
            let back = world.sandbox.notice(
                .refund(number: Self.refundNumber, .closed(reason: "failed")), about: "\(first)", id: "r-9")
            #expect(await process.settle(back, from: sandbox)?.status == 200)
            #expect(try await refund(world).state == .succeeded)
            world.sandbox.willRefund(.closed(reason: "failed"))
            #expect(try await run(process, world)[.refused] == 1)
            #expect(world.sandbox.operations.last == "follow")
            #expect(try await refund(world).state == .failed)
        }
    }

    @Test func `a notice of a failed refund causes a query, and a notice of another channel nothing`()
        async throws
    {
        try await withLateMoney { world, process in
            world.sandbox.willRefund(.submitted)
            _ = try await run(process, world)
            let others = world.wechat.notice(
                .refund(number: Self.refundNumber, .succeeded()), about: "\(first)", id: "r-1")
            _ = await process.settle(others, from: wechat)
            #expect(try await refund(world).state == .submitted)
            #expect(try await run(process, world).isEmpty)

            let failed = world.sandbox.notice(
                .refund(number: Self.refundNumber, .refused(reason: "CLOSED")), about: "\(first)", id: "r-2")
            _ = await process.settle(failed, from: sandbox)
            #expect(try await refund(world).state == .submitted)
            world.sandbox.willRefund(.refused(reason: "CLOSED"))
            #expect(try await run(process, world)[.refused] == 1)
        }
    }

    @Test func `a failed refund waits for a manual retry, which uses its number`() async throws {
        try await withLateMoney { world, process in
            // Given
            world.sandbox.willRefund(.refused(reason: "NO MONEY"), .noSuchRefund)
            #expect(try await run(process, world)[.refused] == 1)
            #expect(process.observer.observations.contains(.refund(sandbox, .failed, first)))
            world.move(to: 999_999)
            #expect(try await run(process, world).isEmpty)

            // When
            let now = world.clock.now()
            let isRetried = try await process.ledger.update(number, creating: nil, at: now) { order in
                Decision(order.retryRefund(Self.refundNumber, at: now))
            }
            world.sandbox.willRefund(.succeeded())

            // Then
            #expect(isRetried == .queued)
            #expect(try await run(process, world)[.succeeded] == 1)
            #expect(try await refund(world).number == Self.refundNumber)
        }
    }

    @Test func `two processes never request a refund at once, and its number makes two requests one`() async throws {
        try await withLateMoney { world, process in
            // Given a process that holds the claim, and stores the answer slowly.
            let slow = try await world.process("worker-b")
            let hold = slow.ledger.willStop(.before, .update, after: 1)
            world.sandbox.willRefund(.unknown(.answered))
            let now = world.clock.now()
            let run = Task { try await slow.refunds.runOnce(at: now) }
            await hold.waitForArrival()

            // When
            #expect(try await self.run(process, world).isEmpty)
            world.move(to: 30)
            world.sandbox.willRefund(.succeeded())
            #expect(try await self.run(process, world)[.succeeded] == 1)
            hold.release()

            // Then
            #expect(try await run.value[.waiting] == 1)
            #expect(try await refund(world).state == .succeeded)
            #expect(try await refund(world).askAt == nil)
        }
    }

    @Test func `a failed call for a refund is counted, and retried`() async throws {
        try await withLateMoney { world, process in
            process.ledger.willFail(.update)
            let broken = try await run(process, world)
            #expect(broken[.failed] == 1)
            world.sandbox.willRefund(.succeeded())
            #expect(try await run(process, world)[.succeeded] == 1)
        }
    }

    @Test func `disputed money is not refunded`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            await world.notify(receipt(amount: 1), process)
            #expect(try await world.order().refunds.isEmpty)
            #expect(try await run(process, world).isEmpty)
        }
    }
}
