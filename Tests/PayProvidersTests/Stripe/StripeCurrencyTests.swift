import PayCore
import PayFlow
import Testing

@testable import PayProviders

/// An amount is the same number on both sides, or the currency is refused.
@Suite struct StripeCurrencyTests {
    private typealias Fixture = StripeFixture

    /// Stripe's zero-decimal, special and three-decimal currencies, as its pages list them.
    private static let withoutDecimals = [
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
    ]
    static let doubtful = ["ISK", "UGX", "MGA", "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]

    @Test(arguments: StripeCurrency.taken.sorted())
    func `a Stripe amount uses ISO 4217's minor units both ways`(_ code: String) async throws {
        let currency = try #require(Currency(code))
        #expect(currency.decimals == (Self.withoutDecimals.contains(code) ? 0 : 2))
        let money = try #require(Money(amount: 1_999, currency: currency))
        let session = StripeNewSession(number: Fixture.number, stored: Fixture.stored(money), createdAt: Fixture.now)
        let text = try #require(session.form?.text)
        #expect(text.contains("unit_amount%5D=1999&"))
        #expect(text.contains("%5Bcurrency%5D=\(code.lowercased())&"))
        let sample = StripeSample.paid { $0.currency = code.lowercased() }
        guard case .paid(let receipt) = await Fixture.provider(answered: 200, sample.json).query(Fixture.trade()) else {
            return #expect(Bool(false), "not paid")
        }
        #expect(receipt.amount == 1_999)
        #expect(receipt.currencyCode == code)
    }

    @Test(arguments: doubtful)
    func `a currency whose minor unit may differ at Stripe is refused without a call`(_ code: String) async throws {
        let currency = try #require(Currency(code))
        #expect(StripeConfiguration.terms.currencies?.contains(code) == false)
        let money = try #require(Money(amount: 1_999, currency: currency))
        let script = StripeScript { _ in ProviderReply(status: 500) }
        let provider = Fixture.provider(over: script)
        #expect(await provider.create(Fixture.create(Fixture.stored(money))) == .refused(reason: "currency_not_served"))
        let refund = RefundRequest(
            number: "20261122_0001_1_r1", tradeNumber: Fixture.number, transactionID: TransactionID("pi_1")!,
            money: money, total: money, cause: .duplicate, reason: nil, createdAt: Fixture.now)
        #expect(await provider.refund(refund) == .refused(reason: "currency_not_served"))
        #expect(script.requests.isEmpty)
    }

    @Test func `every currency without decimals is in one of the Stripe lists`() {
        let taken = StripeCurrency.taken
        #expect(taken.isDisjoint(with: Self.doubtful))
        #expect(taken.isSuperset(of: Self.withoutDecimals))
        #expect(taken.isSuperset(of: ["USD", "EUR", "GBP", "CNY", "HKD", "HUF", "TWD"]))
    }
}
