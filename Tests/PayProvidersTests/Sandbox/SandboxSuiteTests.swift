import PayCore
import PayProviders
import PayTestSupport
import ProviderFakes
import Testing

/// Runs the suite of all adapters on the sandbox's adapter.
@Suite(.timeLimit(.minutes(1))) struct SandboxSuiteTests {
    private static let traits: ProviderTraits = {
        var traits = ProviderTraits()
        traits.noticesTellOfRefunds = true
        traits.noticeWindow = .seconds(300)
        traits.lateBuyersFinish = true
        traits.faults.subtract([.unlisted, .lowBalance])
        traits.codes = [.refused: "REFUSED"]
        // The sandbox itself never rate-limits. A proxy before it may, with an unsigned answer.
        for operation in FakeOperation.allCases {
            traits.exceptions[.init(operation, .tooOften)] = .unknown("unreadable", isUnanswered: false)
        }
        return traits
    }()

    @Test(arguments: ProviderSuite.cases(for: traits))
    func `the sandbox's adapter passes the suite`(_ one: ProviderSuite.Case) async throws {
        try await one.run { try await Self.bench() }
    }

    private static func bench() async throws -> ProviderBench {
        let clock = HandMovedClock()
        let fake = FakeSandbox(secret: SandboxFixture.secret, clock: clock)
        try await fake.start()
        let transports = SuiteTransports()
        return ProviderBench(
            fake: fake, clock: clock, traits: traits,
            adapter: { wiring in
                let configuration = SandboxConfiguration(
                    channel: SandboxFixture.channel, baseURL: wiring.baseURL, secret: SandboxFixture.secret,
                    pageTTL: .seconds(7_200), pcKind: .html, tradeScope: .order)
                return SandboxProvider(
                    configuration, transport: transports.guarded(wiring, clock: clock), clock: clock,
                    downloads: SuiteTransports.downloads)
            },
            end: { await transports.close() })
    }
}
