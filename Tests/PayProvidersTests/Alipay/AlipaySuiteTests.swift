import PayCore
import PayTestSupport
import ProviderFakes
import Testing

@testable import PayProviders

/// Runs the suite of all adapters on Alipay's adapter over real HTTP, with signed pages and with precreated codes, by
/// public key and by certificates.
@Suite(.timeLimit(.minutes(1))) struct AlipaySuiteTests {
    private static let signedPages: ProviderTraits = {
        var traits = common
        traits.createCalls = false
        return traits
    }()

    private static let precreate = common

    private static let common: ProviderTraits = {
        var traits = ProviderTraits()
        traits.tradeBeginsWithPage = false
        traits.paymentNoticesTellOfRefunds = true
        traits.faults.remove(.closeTooEarly)
        traits.codes = [
            .refused: "ACQ.INVALID_PARAMETER", .tooOften: "isv.app-call-limited",
            .unlisted: "ACQ.SELLER_BEEN_BLOCKED", .lowBalance: "ACQ.SELLER_BALANCE_NOT_ENOUGH",
        ]
        return traits
    }()

    @Test(arguments: ProviderSuite.cases(for: signedPages))
    func `Alipay's adapter passes the suite with signed pages`(_ one: ProviderSuite.Case) async throws {
        try await one.run { try await Self.bench(.page, Self.signedPages) }
    }

    @Test(arguments: ProviderSuite.cases(for: precreate))
    func `Alipay's adapter passes the suite with precreated codes`(_ one: ProviderSuite.Case) async throws {
        try await one.run { try await Self.bench(.precreate, Self.precreate) }
    }

    @Test(arguments: ProviderSuite.cases(for: precreate))
    func `Alipay's adapter passes the suite in certificate mode`(_ one: ProviderSuite.Case) async throws {
        try await one.run { try await Self.bench(.precreate, Self.precreate, certificates: .shared) }
    }

    private static func bench(
        _ method: AlipayConfiguration.PCMethod, _ traits: ProviderTraits, certificates: FakeAlipayCertificates? = nil
    ) async throws -> ProviderBench {
        let clock = HandMovedClock()
        let fake = FakeAlipay(clock: clock, certificates: certificates)
        let application = try RSASigningKey(text: Secret(fake.keys.applicationPrivateKey))
        let keys = try fake.configuredKeys
        try await fake.start()
        let transports = SuiteTransports()
        return ProviderBench(
            fake: fake, clock: clock, traits: traits,
            adapter: { wiring in
                let configuration = AlipayConfiguration(
                    appID: fake.appID, signingKey: application, keys: keys,
                    gatewayURL: "\(wiring.baseURL)/gateway.do", sellerID: fake.sellerID, pcMethod: method)
                return AlipayProvider(
                    configuration, transport: transports.guarded(wiring, clock: clock), clock: clock,
                    downloads: SuiteTransports.downloads)
            },
            end: { await transports.close() })
    }
}
