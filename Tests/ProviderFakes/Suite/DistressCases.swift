import PayCore
import PayFlow
import PayTestSupport
import Testing

/// A provider that is unreachable or rate-limits.
extension ProviderSuite {
    static func distressCases() -> [Case] {
        [
            Case("a request that never left is not sent and proves nothing", notThere),
            Case("a provider that rate-limits gets no calls during the pause", tooOften),
            Case("a provider that fails repeatedly is paused and then probed", broken),
        ]
    }

    @Sendable private static func notThere(_ bench: ProviderBench) async throws {
        let (trade, receipt) = try await bench.paid()
        let port = ClosedPort()
        if bench.traits.createCalls {
            guard case .notSent = await bench.provider(at: port.url).create(bench.request(order: 2)) else {
                throw FakeProblem("a create to an unreachable provider was sent")
            }
        }
        let provider = bench.provider(at: port.url)
        #expect(await provider.query(trade.reference) == .unknown(.answered(.connection)))
        #expect(await provider.close(trade.reference) == .unknown(.answered(.connection)))
        #expect(await provider.refund(bench.refund(receipt)) == .unknown(.answered(.connection)))
        #expect(await provider.follow(bench.refund(receipt)) == .unknown(.answered(.connection)))
        let found = await provider.findRefund("re_1", of: trade.reference, payment: receipt.transactionID)
        #expect(found == .unknown(.answered(.connection)))
        withExtendedLifetime(port) {}
    }

    @Sendable private static func tooOften(_ bench: ProviderBench) async throws {
        let trade = try await bench.open()
        bench.fake.arm(.tooOften, on: .query)
        #expect(await bench.provider.query(trade.reference).withoutReason == .unknown(.answered))
        #expect(bench.provider.pause(at: bench.clock.now()) != nil)
        let asked = bench.fake.calls(.query)
        #expect(await bench.provider.query(trade.reference) == .unknown(.answered(.connection)))
        #expect(bench.fake.calls(.query) == asked, "the provider was called during the pause")
        if bench.traits.createCalls {
            let made = bench.fake.calls(.create)
            guard case .notSent = await bench.provider.create(bench.request(order: 2)) else {
                throw FakeProblem("a create was sent during the pause")
            }
            #expect(bench.fake.calls(.create) == made)
        }
        bench.catchBreath()
        #expect(await bench.provider.query(trade.reference) == .unpaid)
    }

    /// More failures in a row than chance explains.
    private static let patience = 50

    @Sendable private static func broken(_ bench: ProviderBench) async throws {
        let trade = try await bench.open()
        for _ in 1...patience where bench.provider.pause(at: bench.clock.now()) == nil {
            bench.fake.arm(.error, on: .query)
            #expect(await bench.provider.query(trade.reference).withoutReason == .unknown(.answered))
        }
        #expect(bench.provider.pause(at: bench.clock.now()) != nil)
        bench.catchBreath()
        #expect(await bench.provider.query(trade.reference) == .unpaid)
        #expect(bench.provider.pause(at: bench.clock.now()) == nil)
    }
}
