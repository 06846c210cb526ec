import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import Testing

@testable import SandboxServer

/// The adapter and the sandbox together, over a real connection and without faults.
@Suite(.timeLimit(.minutes(1))) struct SandboxCallsTests {
    @Test func `a query of an unknown sandbox trade finds none`() async throws {
        try await withSandbox { world in
            #expect(await world.provider().query(Sample.trade()) == .noSuchTrade)
            #expect(await world.provider().close(Sample.trade()) == .noSuchTrade)
            #expect(await world.provider().refund(Sample.refund()) == .refused(reason: "NO_SUCH_TRADE"))
            #expect(await world.provider().follow(Sample.refund()) == .noSuchRefund)
        }
    }

    @Test func `a sandbox page lives exactly as long as configured`() async throws {
        try await withSandbox { world in
            guard case .made(let page) = await world.provider().create(Sample.create()) else {
                return #expect(Bool(false), "no page")
            }
            #expect(page.usableFor == .seconds(7_200))
            #expect(page.sessionEndsAt == nil)
            #expect(page.serves == [.pc, .h5])
        }
    }

    @Test func `an open sandbox trade is unpaid, then closed, and a later create is refused`() async throws {
        try await withSandbox { world in
            let provider = world.provider()
            _ = await provider.create(Sample.create())
            #expect(await provider.query(Sample.trade()) == .unpaid)
            #expect(await provider.close(Sample.trade()) == .accepted)
            #expect(await provider.query(Sample.trade()) == .closed)
            #expect(await provider.close(Sample.trade()) == .accepted)
            #expect(await provider.create(Sample.create()) == .alreadyClosed)
        }
    }

    @Test func `a paid sandbox trade is reported by a query, a close and a create`() async throws {
        try await withSandbox { world in
            let provider = world.provider()
            _ = await provider.create(Sample.create())
            _ = try await world.send(.post, "/trades/\(Sample.number)/pay")
            #expect(await provider.query(Sample.trade()) == .paid(Sample.receipt))
            #expect(await provider.close(Sample.trade()) == .alreadyPaid)
            #expect(await provider.create(Sample.create()) == .alreadyPaid)
        }
    }

    @Test func `a refunded sandbox trade still shows its payment, marked as returned`() async throws {
        try await withSandbox { world in
            let provider = world.provider()
            _ = await provider.create(Sample.create())
            _ = try await world.send(.post, "/trades/\(Sample.number)/pay")
            #expect(await provider.refund(Sample.refund()).withoutTime == .succeeded())
            #expect(await provider.follow(Sample.refund()).withoutTime == .succeeded())
            #expect(await provider.query(Sample.trade()) == .paid(Sample.returned))
            let more = await provider.refund(Sample.refund(number: "20261122_0001_1_r2", amount: 1))
            #expect(more == .refused(reason: "REFUND_TOO_LARGE"))
        }
    }

    @Test(arguments: [
        Sample.stored(subject: "Tea for three"),
        Sample.stored(money: Money(amount: 1, currency: Sample.money.currency)!),
        Sample.stored(deadline: Sample.deadline + .seconds(1)), Sample.stored(returnURL: "https://shop.example/"),
    ])
    func `a known sandbox number with other parameters is refused`(_ changed: StoredRequest) async throws {
        try await withSandbox { world in
            _ = await world.provider().create(Sample.create())
            let answer = await world.provider().create(Sample.create(Sample.number, changed))
            #expect(answer == .refused(reason: "PARAMETER_CHANGED"))
            #expect(await world.trade(Sample.number)?.creates == 1)
        }
    }

    @Test func `two channels of one sandbox have separate trades`() async throws {
        try await withSandbox { world in
            let (first, second) = (world.provider("sandbox"), world.provider("sandbox2"))
            let number = TradeNumber("20261122_0001_2")!
            _ = await first.create(Sample.create())
            _ = await second.create(Sample.create(number, on: "sandbox2"))
            #expect(await second.query(Sample.trade(Sample.number, on: "sandbox2")) == .noSuchTrade)
            #expect(await second.query(Sample.trade(number, on: "sandbox2")) == .unpaid)
            #expect(await first.close(Sample.trade(number)) == .noSuchTrade)
            #expect(await world.trade(number)?.channel == "sandbox2")
            #expect(await world.trade(number)?.state == .unpaid)
        }
    }

    @Test func `concurrent sandbox creates of one number make one trade`() async throws {
        try await withSandbox { world in
            let answers = await withTaskGroup(of: CreateAnswer.self) { group in
                for _ in 1...20 { group.addTask { await world.provider().create(Sample.create()) } }
                return await group.reduce(into: Set<CreateAnswer>()) { $0.insert($1) }
            }
            #expect(answers.count == 1)
            #expect(await world.trade(Sample.number)?.creates == 20)
            #expect(await world.sandbox.books.allTrades().count == 1)
        }
    }
}
