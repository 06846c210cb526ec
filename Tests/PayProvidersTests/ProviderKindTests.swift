import PayCore
import PayFlow
import Testing

@testable import PayProviders

/// The facts that the core tells of a provider's type.
@Suite struct ProviderKindTests {
    private static let providers: [any PaymentProvider] = [
        AlipayFixture.provider(AlipayFixture.configuration()),
        WeChatPayFixture.provider(answered: ProviderReply(status: 500)), StripeFixture.provider(),
        SandboxFixture.provider(over: SandboxScript { _ in ProviderReply(status: 500) }),
    ]

    @Test func `each adapter supports the terminals of its type`() {
        #expect(Set(Self.providers.map(\.kind)) == Set(ProviderKind.allCases))
        for provider in Self.providers {
            #expect(Set(provider.terms.trades.keys) == Set(provider.kind.terminals), "\(provider.kind)")
        }
    }
}
