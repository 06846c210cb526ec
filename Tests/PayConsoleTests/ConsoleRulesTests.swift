import PayConsole
import PayCore
import Testing

@Suite struct ConsoleRulesTests {
    private let rules = ConsoleRules(refundLimit: 10_000)

    @Test(arguments: [9_999, 10_000]) func `an operator refunds up to the limit`(_ amount: Int64) throws {
        let money = try #require(Currency("CNY").flatMap { Money(amount: amount, currency: $0) })
        #expect(rules.mayRefund(money, as: .operator))
        #expect(rules.mayRefund(money, as: .admin))
        #expect(!rules.mayRefund(money, as: .viewer))
    }

    @Test func `only an admin refunds more than the limit`() throws {
        let money = try #require(Currency("CNY").flatMap { Money(amount: 10_001, currency: $0) })
        #expect(!rules.mayRefund(money, as: .operator))
        #expect(rules.mayRefund(money, as: .admin))
    }
}
