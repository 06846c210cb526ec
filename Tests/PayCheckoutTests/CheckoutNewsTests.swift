import PayCore
import Testing

@testable import PayCheckout

@Suite struct CheckoutNewsTests {
    @Test func `each refusal has a news word, unless the order's state shows it`() {
        let pause = Duration.seconds(7)
        #expect(CheckoutNews(.providerRefused) == .refused)
        #expect(CheckoutNews(.providerUnavailable(retryAfter: pause)) == .unavailable)
        #expect(CheckoutNews(.channelUnavailable) == .unavailable)
        #expect(CheckoutNews(.unacceptable([])) == .unavailable)
        #expect(CheckoutNews(.tooOften(retryAfter: pause)) == .tooOften)
        #expect(CheckoutNews(.tooManyAttempts) == .tooMany)
        #expect(CheckoutNews(.switchUnsafe) == .unsafe)
        #expect(CheckoutNews(.inProgress(retryAfter: pause)) == .busy)
        #expect(CheckoutNews(.providerUnknown(retryAfter: pause)) == .unknown)
        #expect(CheckoutNews(.tooLate) == nil)
        #expect(CheckoutNews(.orderNotNew(.paid)) == nil)
        #expect(PayRefusal.providerUnknown(retryAfter: pause).retryAfter == pause)
        #expect(PayRefusal.providerRefused.retryAfter == nil)
    }
}
