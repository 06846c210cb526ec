import PayCore
import PayFlow
import PayTestSupport
import Testing

@Suite struct `While a provider is paused` {
    private static let refusal = PayRefusal.providerUnavailable(retryAfter: .seconds(5))

    @Test func `stored pages of a paused provider are served without a call`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.sandbox.isPaused(for: .seconds(5))
            #expect(try await process.pay(repay(sandbox, .pc)).answer().origin == .hit)
            #expect(try await process.pay(repay(sandbox, .h5)).answer().origin == .hit)
            #expect(world.sandbox.operations == ["create"])
        }
    }

    @Test func `a first pay to a paused provider is refused, and no order is stored`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            world.sandbox.isPaused(for: .seconds(5))
            #expect(try await process.pay(world.firstPay(key: use("key-1"))).refusal == Self.refusal)
            #expect(world.sandbox.calls.isEmpty)
            let order = try await process.ledger.order(number)
            #expect(order?.attempts.isEmpty ?? true)

            // The key is not used up: the same call creates the page later.
            world.sandbox.isPaused(for: nil)
            world.sandbox.willCreate(made())
            let answer = try await process.pay(world.firstPay(key: use("key-1"))).answer()
            #expect(answer.served.tradeNumber == first && !answer.isReplay)
        }
    }

    @Test func `an expired page of a paused provider is not replaced, and nothing is stored`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.move(to: 300)
            let before = try await world.order()
            world.sandbox.isPaused(for: .seconds(5))
            #expect(try await process.pay(repay(sandbox, .pc)).refusal == Self.refusal)
            #expect(try await world.order() == before && world.sandbox.operations == ["create"])
        }
    }

    @Test func `an unknown create is not sent again while its provider is paused`() async throws {
        try await withWorld { world in
            let process = try await world.process()
            world.sandbox.willCreate(.unknown(.answered))
            #expect(try await process.pay(world.firstPay()).refusal == .providerUnknown(retryAfter: .seconds(1)))
            let before = try await world.order()
            world.sandbox.isPaused(for: .seconds(5))
            #expect(try await process.pay(repay(sandbox, .pc)).refusal == Self.refusal)
            #expect(try await world.order() == before && world.sandbox.operations == ["create"])
        }
    }

    @Test func `a switch to a paused provider keeps the live page of another channel`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            let before = try await world.order()
            world.wechat.isPaused(for: .seconds(5))
            #expect(try await process.pay(repay(wechat, .pc)).refusal == Self.refusal)
            #expect(try await world.order() == before && world.wechat.calls.isEmpty)
            #expect(try await process.pay(repay(sandbox, .pc)).answer().origin == .hit)
        }
    }

    @Test func `a switch away from a paused provider leaves the old attempt exposed`() async throws {
        try await withWorld { world in
            let process = try await world.withPage()
            world.sandbox.isPaused(for: .seconds(5))
            world.sandbox.willClose(.unknown(.answered))
            world.sandbox.willQuery(.unknown(.answered))
            world.wechat.willCreate(made("wechat's"))
            #expect(try await process.pay(repay(wechat, .pc)).content == "wechat's")
            #expect(try await world.states() == [.exposed, .open])
        }
    }
}
