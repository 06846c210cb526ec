import PayCore
import PayProviders
import Testing

@testable import SandboxServer

@Suite struct SandboxBooksTests {
    private let books = SandboxBooks(makeTransactionID: { "sbx_1" })
    private let name = SandboxWire.TradeName(channel: "sandbox", tradeNumber: Sample.number.text)
    private let refund = SandboxWire.Refund(
        channel: "sandbox", tradeNumber: Sample.number.text, transactionID: "sbx_1", refundNumber: "r1", amount: 9_900,
        currency: "CNY")

    private let refundName = SandboxWire.RefundName(
        channel: "sandbox", tradeNumber: Sample.number.text, transactionID: "sbx_1", refundNumber: "r1")

    @Test func `a repeated create returns the same sandbox trade and is counted`() async throws {
        for count in 1...3 {
            let trade = try await books.create(Sample.particulars(), at: Sample.now).get()
            #expect(trade.creates == count)
        }
        #expect(await books.allTrades().count == 1)
    }

    @Test(arguments: [
        Sample.particulars(channel: "sandbox2"), Sample.particulars(amount: 9_901), Sample.particulars(currency: "USD"),
        Sample.particulars(subject: "Tea for three"), Sample.particulars(deadline: Sample.deadline + .milliseconds(1)),
        Sample.particulars(notifyURL: "http://127.0.0.1:8081/"), Sample.particulars(returnURL: "https://shop.example/"),
    ])
    func `a known sandbox number with a changed parameter is refused without effect`(
        _ changed: SandboxWire.TradeParticulars
    ) async throws {
        let trade = try await books.create(Sample.particulars(), at: Sample.now).get()
        #expect(await books.create(changed, at: Sample.now) == .failure(.parameterChanged))
        #expect(await books.trade(Sample.number.text) == trade)
    }

    @Test(arguments: [
        Sample.particulars(channel: "Sandbox!"), Sample.particulars(number: ""), Sample.particulars(number: "a/b"),
        Sample.particulars(number: String(repeating: "1", count: 65)), Sample.particulars(amount: 0),
        Sample.particulars(amount: -1), Sample.particulars(currency: "XXX"), Sample.particulars(subject: ""),
        Sample.particulars(notifyURL: "javascript:alert(1)"), Sample.particulars(notifyURL: "http://a b"),
        Sample.particulars(returnURL: "javascript:alert(1)"),
    ])
    func `a sandbox create with invalid parameters is refused without effect`(
        _ unsound: SandboxWire.TradeParticulars
    ) async {
        #expect(await books.create(unsound, at: Sample.now) == .failure(.invalidParameter))
        #expect(await books.allTrades().isEmpty)
    }

    @Test func `an unpaid sandbox trade can be closed repeatedly and then takes no money`() async {
        _ = await books.create(Sample.particulars(), at: Sample.now)
        #expect(await books.close(name, at: Sample.now) == .success)
        #expect(await books.close(name, at: Sample.now) == .success)
        guard case .over(let trade) = await books.pay(Sample.number.text, at: Sample.now) else {
            return #expect(Bool(false), "a closed trade was paid")
        }
        #expect(trade.state(at: Sample.now) == .closed)
        #expect(await books.create(Sample.particulars(), at: Sample.now) == .failure(.orderClosed))
    }

    @Test func `a paid sandbox trade cannot be closed, opened or paid again`() async {
        _ = await books.create(Sample.particulars(), at: Sample.now)
        guard case .paid(_, let payment, nil) = await books.pay(Sample.number.text, at: Sample.now) else {
            return #expect(Bool(false), "an open trade was not paid")
        }
        #expect(payment.paidAtMS == Sample.now.milliseconds)
        #expect(await books.close(name, at: Sample.now) == .alreadyPaid)
        #expect(await books.create(Sample.particulars(), at: Sample.now) == .failure(.alreadyPaid))
        guard case .alreadyPaid(let trade) = await books.pay(Sample.number.text, at: Sample.now) else {
            return #expect(Bool(false), "a trade was paid twice")
        }
        #expect(trade.payment == payment)
        #expect(trade.creates == 1)
    }

    @Test func `a sandbox trade takes money up to, not at, its deadline`() async {
        _ = await books.create(Sample.particulars(number: "a"), at: Sample.now)
        _ = await books.create(Sample.particulars(number: "b"), at: Sample.now)
        guard case .paid = await books.pay("a", at: Sample.deadline - .milliseconds(1)) else {
            return #expect(Bool(false), "refused before the deadline")
        }
        guard case .over(let late) = await books.pay("b", at: Sample.deadline) else {
            return #expect(Bool(false), "paid too late")
        }
        #expect(late.state(at: Sample.deadline) == .closed)
        #expect(late.state(at: Sample.deadline - .milliseconds(1)) == .unpaid)
        let again = await books.create(Sample.particulars(number: "b"), at: Sample.deadline)
        #expect(again == .failure(.orderClosed))
    }

    @Test func `an unknown sandbox trade cannot be queried, closed, paid or refunded, nor one of another channel`()
        async
    {
        #expect(await books.query(name) == .failure(.noSuchTrade))
        #expect(await books.close(name, at: Sample.now) == .noSuchTrade)
        #expect(await books.pay(Sample.number.text, at: Sample.now) == .noSuchTrade)
        #expect(await books.refund(refund, at: Sample.now) == .refused(.noSuchTrade))
        #expect(await books.followRefund(refundName) == nil)
        #expect(await books.refundByHand(Sample.number.text, amount: 1, at: Sample.now) == .noSuchTrade)
        _ = await books.create(Sample.particulars(channel: "sandbox2"), at: Sample.now)
        #expect(await books.query(name) == .failure(.noSuchTrade))
        #expect(await books.close(name, at: Sample.now) == .noSuchTrade)
    }

    @Test func `a sandbox refund is made once per number and marks the trade as refunded`() async {
        _ = await books.create(Sample.particulars(), at: Sample.now)
        #expect(await books.refund(refund, at: Sample.now) == .refused(.notPaid))
        _ = await books.pay(Sample.number.text, at: Sample.now)
        #expect(await books.followRefund(refundName) == nil)
        guard case .made(let trade, let made) = await books.refund(refund, at: Sample.now) else {
            return #expect(Bool(false), "not made")
        }
        #expect(trade.state(at: Sample.now) == .refunded)
        #expect(await books.refund(refund, at: Sample.now + .seconds(9)) == .known(trade, made))
        #expect(await books.followRefund(refundName)?.refund == made)
        #expect(made.at == Sample.now)
        #expect(await books.trade(Sample.number.text)?.refunded == 9_900)
        guard case .over = await books.pay(Sample.number.text, at: Sample.now) else {
            return #expect(Bool(false), "a refunded trade was paid")
        }
    }

    @Test func `a sandbox refund by hand takes a part or the rest, and never more than is left`() async {
        _ = await books.create(Sample.particulars(), at: Sample.now)
        let number = Sample.number.text
        guard case .refused = await books.refundByHand(number, amount: nil, at: Sample.now) else {
            return #expect(Bool(false), "an unpaid trade was refunded")
        }
        _ = await books.pay(number, at: Sample.now)
        for amount in [Int64(0), -1, 9_901] {
            guard case .refused = await books.refundByHand(number, amount: amount, at: Sample.now) else {
                return #expect(Bool(false), "\(amount) was refunded")
            }
        }
        guard case .made(let trade, let part) = await books.refundByHand(number, amount: 4_000, at: Sample.now) else {
            return #expect(Bool(false), "not made")
        }
        #expect(part.amount == 4_000 && part.number == "\(number)_sbx1")
        #expect(trade.state(at: Sample.now) == .paid)
        _ = await books.refund(Self.part(refundNumber: "r1", amount: 1_000), at: Sample.now)
        guard case .made(let whole, let rest) = await books.refundByHand(number, amount: nil, at: Sample.now) else {
            return #expect(Bool(false), "not made")
        }
        #expect(rest.amount == 4_900 && whole.state(at: Sample.now) == .refunded)
        #expect(await books.refundByHand(number, amount: nil, at: Sample.now) == .refused(whole))
    }

    @Test(arguments: [
        (part(refundNumber: "r2", amount: 9_901), SandboxWire.Code.refundTooLarge),
        (part(refundNumber: "r2", amount: 9_000), .refundTooLarge),
        (part(refundNumber: "r2", amount: 0), .invalidParameter),
        (part(refundNumber: "r2", amount: -5), .invalidParameter),
        (part(refundNumber: "r2", amount: 1, transactionID: "sbx_2"), .invalidParameter),
        (part(refundNumber: "r2", amount: 1, currency: "USD"), .invalidParameter),
        (part(refundNumber: "r1", amount: 2), .parameterChanged),
    ])
    func `a sandbox refund that does not match its payment is refused without effect`(
        _ asked: SandboxWire.Refund, _ code: SandboxWire.Code
    ) async {
        _ = await books.create(Sample.particulars(), at: Sample.now)
        _ = await books.pay(Sample.number.text, at: Sample.now)
        _ = await books.refund(Self.part(refundNumber: "r1", amount: 1_000), at: Sample.now)
        #expect(await books.refund(asked, at: Sample.now) == .refused(code))
        let trade = await books.trade(Sample.number.text)
        #expect(trade?.refunded == 1_000)
        #expect(trade?.state(at: Sample.now) == .paid)
    }

    @Test func `no two sandbox payments have the same transaction id`() {
        let numbers = Set((1...1_000).map { _ in SandboxBooks.randomTransactionID() })
        #expect(numbers.count == 1_000)
        #expect(numbers.allSatisfy { TransactionID($0) != nil })
    }

    private static func part(
        refundNumber: String, amount: Int64, transactionID: String = "sbx_1", currency: String = "CNY"
    ) -> SandboxWire.Refund {
        SandboxWire.Refund(
            channel: "sandbox", tradeNumber: Sample.number.text, transactionID: transactionID,
            refundNumber: refundNumber, amount: amount, currency: currency)
    }
}
