import PayCore
import PayFlow

/// A provider: its books, which only its own rules change.
final class Books: @unchecked Sendable {
    let style: any ProviderStyle
    private(set) var trades: [TradeNumber: Trade] = [:]
    /// In the order in which they were opened.
    private(set) var numbers: [TradeNumber] = []
    /// The numbers that a create was refused for.
    private(set) var refused: Set<TradeNumber> = []
    /// Why refunds, by their numbers, may need attention: how often each was refused by a code that nobody knows, and
    /// whether the balance was too low.
    var refusedRefunds: [String: (tries: Int, isBalance: Bool)] = [:]
    /// Until when a refund's number is refused for good, by the number. Longer than a request is on its way, so that
    /// none which was sent before the refusal makes the refund after it.
    var finalRefusals: [String: Instant] = [:]
    /// How often the bill of a day was refused, or lost.
    var troubles: [BillDay: Int] = [:]
    /// How far the clock of its bills is ahead.
    let billSkew: Duration
    /// The share of days whose bill has a mistake at first.
    private let spoiltBills: Double
    private var spoilt: [BillDay: Bool] = [:]
    /// It answers nobody until then.
    var isDownUntil: Instant?
    /// The service is told another account than this provider's until then; nil for never.
    private let isMisnamedUntil: Instant?
    let dice: Dice

    init(_ style: any ProviderStyle, _ dice: Dice, isMisnamedUntil: Instant? = nil, spoiltBills: Double = 0) {
        self.style = style
        self.dice = dice
        self.isMisnamedUntil = isMisnamedUntil
        self.spoiltBills = spoiltBills
        billSkew = dice.duration(.seconds(-3) ... .seconds(3))
    }

    var wasMisnamed: Bool { isMisnamedUntil != nil }

    /// The receipt as the service reads it, by the account that it is told.
    func read(_ receipt: Receipt, at now: Instant) -> Receipt {
        let isMisnamed = isMisnamedUntil.map { now < $0 } ?? false
        return isMisnamed ? receipt.with(namesOurAccount: false) : receipt
    }

    var channel: Channel { style.channel }

    /// Whether the day's bill has a mistake at first.
    func isSpoilt(_ day: BillDay) -> Bool {
        let isSpoilt = spoilt[day] ?? dice.chance(spoiltBills)
        spoilt[day] = isSpoilt
        return isSpoilt
    }

    func create(_ request: CreateRequest, isRefused: Bool, at now: Instant) -> CreateAnswer {
        let number = request.tradeNumber
        if isRefused {
            refused.insert(number)
            return .refused(reason: "RISK_CONTROL")
        }
        if trades[number] == nil {
            guard style.signsPagesLocally || now < request.stored.providerDeadline else {
                refused.insert(number)
                return .refused(reason: "the order's time is over")
            }
            let endsAt = style.end(of: request.stored, openedAt: now)
            trades[number] = Trade(
                number: number, body: request.stored, state: .unopened, endsAt: endsAt, openedAt: now,
                pageEndsAt: endsAt)
            numbers.append(number)
        }
        let answer = change(number) { style.create(request, &$0, at: now, dice) }
        if case .refused = answer { refused.insert(number) }
        if answer == .alreadyClosed { change(number) { $0.hasSaidClosed = true } }
        return answer ?? .unknown(.answered(.unreadable))
    }

    func close(_ number: TradeNumber, at now: Instant) -> CloseAnswer {
        change(number) { style.close(&$0, at: now, dice) } ?? .noSuchTrade
    }

    func query(_ number: TradeNumber, at now: Instant) -> QueryAnswer {
        guard let trade = trades[number] else { return .noSuchTrade }
        let answer = style.query(trade, at: now)
        if answer == .closed { change(number) { $0.hasSaidClosed = true } }
        guard case .paid(let receipt) = answer else { return answer }
        if trade.kept(at: now) == 0 { return .paid(receipt.with(isReturned: true)) }
        change(number) { $0.hasSaidPaid = true }
        return answer
    }

    /// A user opens a page without paying yet: only then Alipay hears of the trade.
    func open(_ page: HeldPage, at now: Instant) {
        guard let trade = trades[page.tradeNumber], style.takes(page, trade, at: now) else { return }
        change(page.tradeNumber) { if $0.state == .unopened { $0.state = .unpaid } }
    }

    func mayBegin(_ page: HeldPage, at now: Instant) -> Bool {
        trades[page.tradeNumber].map { style.takes(page, $0, at: now) } ?? false
    }

    /// The money, if it is taken: as much as the trade is for, and `surplus` more or less.
    func finish(_ page: HeldPage, begunAt: Instant, surplus: Int64 = 0, at now: Instant) -> Receipt? {
        guard let trade = trades[page.tradeNumber], trade.payment == nil,
            style.finishes(trade, begunAt: begunAt, at: now),
            let transactionID = TransactionID("tx_\(channel)_\(page.tradeNumber)")
        else { return nil }
        let receipt = Receipt(
            channel: channel, tradeNumber: trade.number, transactionID: transactionID,
            amount: max(1, trade.body.money.amount + surplus), currencyCode: trade.body.money.currency.code,
            paidAt: now, namesOurAccount: true)
        change(trade.number) {
            $0.state = .paid
            $0.payment = receipt
        }
        return receipt
    }

    /// Whether some page that was made of it can still be paid by whoever holds it.
    func isPayable(_ number: TradeNumber, at now: Instant) -> Bool {
        guard let trade = trades[number], now < trade.endsAt else { return false }
        return trade.state == .unpaid || trade.state == .unopened
    }

    @discardableResult
    func change<Value>(_ number: TradeNumber, _ body: (inout Trade) -> Value) -> Value? {
        guard trades[number] != nil else { return nil }
        return body(&trades[number]!)
    }
}

extension Receipt {
    /// The same, as the service reads it under another account, or as a provider tells of it once it is refunded.
    fileprivate func with(namesOurAccount: Bool? = nil, isReturned: Bool? = nil) -> Receipt {
        Receipt(
            channel: channel, tradeNumber: tradeNumber, transactionID: transactionID, amount: amount,
            currencyCode: currencyCode, paidAt: paidAt, namesOurAccount: namesOurAccount ?? self.namesOurAccount,
            isReturned: isReturned ?? self.isReturned)
    }
}
