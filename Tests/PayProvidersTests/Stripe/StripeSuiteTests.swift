import PayCore
import PayFlow
import PayTestSupport
import ProviderFakes
import Testing

@testable import PayProviders

/// Runs the suite of all adapters on Stripe's adapter over real HTTP.
@Suite(.timeLimit(.minutes(1))) struct StripeSuiteTests {
    private static let traits: ProviderTraits = {
        var traits = ProviderTraits()
        traits.queriesTellOfRefunds = false
        traits.currency = "USD"
        traits.billsNameRefunds = true
        traits.emptyDayHasBill = true
        traits.noticesTellOfRefunds = true
        traits.refundsCanClose = true
        traits.refundTimeIsOfRequest = true
        traits.noticeWindow = .seconds(300)
        // A query of a trade without a session id creates the session to learn its id, and the next close ends it.
        traits.queryOfNone = .unpaid
        traits.closeOfNone = .accepted
        traits.refusesChanges = false
        traits.faults.subtract([.unsigned, .badlySigned])
        traits.codes = [
            .refused: "parameter_invalid", .tooOften: "rate_limit", .unlisted: "account_restricted",
            .lowBalance: "balance_insufficient",
        ]
        traits.exceptions[.init(.close, .closeTooEarly)] = .refused
        return traits
    }()

    /// The same traits with slow refunds.
    private static let slowRefunds: ProviderTraits = {
        var traits = Self.traits
        traits.refundsTakeTime = true
        return traits
    }()

    @Test(arguments: ProviderSuite.cases(for: traits))
    func `Stripe's adapter passes the suite`(_ one: ProviderSuite.Case) async throws {
        try await one.run { try await Self.bench(Self.traits) }
    }

    @Test(arguments: ProviderSuite.cases(for: slowRefunds).filter { $0.name.contains("refund") })
    func `Stripe's adapter passes the suite with slow refunds`(_ one: ProviderSuite.Case) async throws {
        try await one.run { try await Self.bench(Self.slowRefunds) }
    }

    private static func bench(_ traits: ProviderTraits) async throws -> ProviderBench {
        let clock = HandMovedClock()
        let fake = FakeStripe(clock: clock)
        if traits.refundsTakeTime { fake.takeTimeOverRefunds() }
        try await fake.start()
        let transports = SuiteTransports()
        return ProviderBench(
            fake: fake, clock: clock, traits: traits,
            adapter: { wiring in
                let configuration = StripeConfiguration(
                    secretKey: Secret(fake.secretKey), webhookSecret: Secret(fake.webhookSecret),
                    baseURL: wiring.baseURL)
                return StripeProvider(
                    configuration, transport: transports.guarded(wiring, clock: clock), clock: clock,
                    downloads: SuiteTransports.downloads)
            },
            end: { await transports.close() })
    }
}
