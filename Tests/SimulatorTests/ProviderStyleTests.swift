import PayCore
import PayFlow
import Testing

@testable import Simulator

/// The checks of a world depend on the behaviour of the simulated providers.
struct ProviderStyleTests {
    private let start = World.start
    private let number = TradeNumber(order: OrderNumber("order_1")!, sequence: 1)
    private let dice = Dice(seed: 1)

    private func request(_ channel: Channel) -> CreateRequest {
        let stored = StoredRequest(
            terminal: .pc, payer: .none, money: Money(amount: 100, currency: Currency("CNY")!)!,
            subject: Subject("two cups")!, providerDeadline: start + .seconds(600), notifyURL: "https://pay.example",
            returnURL: nil)
        return CreateRequest(
            tradeNumber: number, channel: channel, stored: stored, terminal: .pc, openID: "", createdAt: start)
    }

    private func open(_ books: Books, at now: Instant) throws -> HeldPage {
        let answer = books.create(request(books.channel), isRefused: false, at: now)
        guard case .made(let made) = answer else { throw Unmade(answer: answer) }
        let page = Page(
            kind: made.kind, content: made.content, terminal: .pc, openID: "", serves: made.serves, mintedAt: now,
            expiresAt: start + .seconds(600))
        return try #require(HeldPage(ServedPage(tradeNumber: number, channel: books.channel, page: page)))
    }

    private struct Unmade: Error {
        let answer: CreateAnswer
    }

    @Test func `an unopened Alipay page can't be closed, and can be paid until its deadline`() throws {
        let books = Books(AlipayStyle(), dice)
        let page = try open(books, at: start)
        #expect(books.close(number, at: start) == .noSuchTrade)
        #expect(books.query(number, at: start) == .noSuchTrade)
        #expect(books.mayBegin(page, at: start + .seconds(599)))
        #expect(!books.mayBegin(page, at: start + .seconds(600)))
        books.open(page, at: start)
        #expect(books.query(number, at: start) == .unpaid)
        #expect(books.close(number, at: start) == .accepted)
        #expect(books.query(number, at: start) == .closed)
        #expect(!books.mayBegin(page, at: start))
    }

    @Test func `an Alipay code is minted once for its number`() throws {
        let books = Books(AlipayCodeStyle(), dice)
        let page = try open(books, at: start)
        #expect(books.create(request(books.channel), isRefused: false, at: start) == .refused(reason: "asked twice"))
        #expect(books.close(number, at: start) == .noSuchTrade)
        #expect(books.mayBegin(page, at: start))
    }

    @Test func `a new WeChat code kills the one before, and an entered payment ends after a close`() throws {
        let books = Books(WeChatStyle(usableFor: .seconds(300)), dice)
        let old = try open(books, at: start)
        let page = try open(books, at: start)
        #expect(!books.mayBegin(old, at: start))
        #expect(books.mayBegin(page, at: start))
        #expect(books.close(number, at: start + .seconds(30)) == .accepted)
        #expect(books.query(number, at: start + .seconds(60)) == .closed)
        #expect(!books.mayBegin(page, at: start + .seconds(60)))
        #expect(books.finish(page, begunAt: start + .seconds(40), at: start + .seconds(60)) == nil)
        let receipt = try #require(books.finish(page, begunAt: start + .seconds(20), at: start + .seconds(60)))
        #expect(books.query(number, at: start + .seconds(60)) == .paid(receipt))
    }

    @Test func `a Stripe session outlives our deadline`() throws {
        let books = Books(StripeStyle(), dice)
        let page = try open(books, at: start)
        #expect(books.mayBegin(page, at: start + .seconds(1_799)))
        #expect(!books.mayBegin(page, at: start + .seconds(1_800)))
    }

    private func paid(_ books: Books) throws -> Receipt {
        let page = try open(books, at: start)
        books.open(page, at: start)
        return try #require(books.finish(page, begunAt: start, at: start))
    }

    private func refund(_ suffix: String, of receipt: Receipt, _ amount: Int64 = 100) -> RefundRequest {
        let currency = Currency("CNY")!
        return RefundRequest(
            number: "\(number)_\(suffix)", tradeNumber: number, transactionID: receipt.transactionID,
            money: Money(amount: amount, currency: currency)!, total: Money(amount: 100, currency: currency)!,
            cause: .merchant, reason: nil, createdAt: start)
    }

    @Test func `one refund number is one refund, and refunds never exceed the payment`() throws {
        let books = Books(AlipayStyle(), dice)
        let receipt = try paid(books)
        let fate = RefundFate.arrives(after: .seconds(60))
        #expect(books.refund(refund("r1", of: receipt), fate, at: start) == .submitted)
        #expect(books.refund(refund("r1", of: receipt), fate, at: start) == .submitted)
        #expect(books.trades[number]?.refunded(at: start) == 100)
        #expect(books.refund(refund("r2", of: receipt), fate, at: start) == .refused(reason: "more than was paid"))
        let arrival = start + .seconds(60)
        #expect(books.follow(refund("r1", of: receipt), at: arrival) == .succeeded(at: arrival))
        #expect(books.follow(refund("r2", of: receipt), at: start) == .noSuchRefund)
    }

    @Test func `a refund that comes back uses its number up, and its money can be refunded again`() throws {
        let books = Books(StripeStyle(), dice)
        let receipt = try paid(books)
        let fate = RefundFate.comesBack(after: .seconds(60), arriving: .zero)
        #expect(books.refund(refund("m1", of: receipt), fate, at: start) == .succeeded(at: start))
        let after = start + .seconds(60)
        #expect(books.follow(refund("m1", of: receipt), at: after) == .closed(reason: "ACCOUNT_CLOSED"))
        #expect(books.refund(refund("m1", of: receipt), fate, at: after) == .closed(reason: "ACCOUNT_CLOSED"))
        #expect(books.trades[number]?.kept(at: after) == 100)
        #expect(books.refund(refund("m1_2", of: receipt), fate, at: after) == .succeeded(at: after))
    }

    @Test func `WeChat takes the refunds of a payment a minute apart`() throws {
        let books = Books(WeChatStyle(usableFor: .seconds(300)), dice)
        let receipt = try paid(books)
        let fate = RefundFate.arrives(after: .zero)
        #expect(books.refund(refund("m1", of: receipt, 40), fate, at: start) == .succeeded(at: start))
        let early = books.refund(refund("m2", of: receipt, 40), fate, at: start + .seconds(59))
        #expect(early.doubt != nil)
        let after = start + .seconds(60)
        #expect(books.refund(refund("m2", of: receipt, 40), fate, at: after) == .succeeded(at: after))
    }

    @Test func `a refund in the console is found by its number`() throws {
        let books = Books(AlipayStyle(), dice)
        _ = try paid(books)
        let given = try #require(books.giveBackInConsole(30, of: number, at: start))
        guard case .found(let found) = books.findRefund(given.number, of: number, at: start) else {
            Issue.record("the refund was not found")
            return
        }
        #expect(found.money.amount == 30)
        #expect(books.findRefund("console_none", of: number, at: start) == .noSuchRefund)
        #expect(books.refundInConsole(number, at: start) == nil)
    }
}
