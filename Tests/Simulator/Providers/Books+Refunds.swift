import PayCore

extension Books {
    /// A request for a refund. A known number is the same refund.
    func refund(_ refund: RefundRequest, _ fate: RefundFate, at now: Instant) -> RefundAnswer {
        guard let trade = trades[refund.tradeNumber], let payment = trade.payment,
            payment.transactionID == refund.transactionID
        else { return .refused(reason: "no such payment") }
        if trade.refunds.contains(where: { $0.number == refund.number }) { return follow(refund, at: now) }
        guard trade.kept(at: now) >= refund.money.amount else { return .refused(reason: "more than was paid") }
        let lastAt = trade.refunds.map(\.acceptedAt).max()
        if let lastAt, now < lastAt + style.terms.refunds.pause { return .unknown(tooSoon) }
        change(refund.tradeNumber) { $0.refunds.append(fate.accepted(refund.number, refund.money.amount, at: now)) }
        return follow(refund, at: now)
    }

    func follow(_ refund: RefundRequest, at now: Instant) -> RefundAnswer {
        guard let given = given(refund.number, of: refund.tradeNumber) else { return .noSuchRefund }
        switch given.standing(at: now) {
        case .over: return .closed(reason: "ACCOUNT_CLOSED")
        case .arrived: return .succeeded(at: given.arrivesAt)
        case .onItsWay where given.isHeld: return .held(Self.balanceError)
        case .onItsWay: return .submitted
        }
    }

    /// A refund by its number, as a query for one that the service did not request finds it.
    func findRefund(_ number: String, of tradeNumber: TradeNumber, at now: Instant) -> ForeignRefundAnswer {
        guard let trade = trades[tradeNumber], let payment = trade.payment, let given = given(number, of: tradeNumber),
            let money = Money(amount: given.amount, currency: trade.body.money.currency)
        else { return .noSuchRefund }
        let standing = given.standing(at: now)
        let foreign = ForeignRefund(
            number: number, tradeNumber: tradeNumber, transactionID: payment.transactionID, money: money,
            refundedAt: standing == .arrived ? given.arrivesAt : nil)
        return standing == .over ? .noSuchRefund : foreign.map { .found($0) } ?? .noSuchRefund
    }

    func given(_ number: String, of tradeNumber: TradeNumber) -> GivenBack? {
        trades[tradeNumber]?.refunds.first { $0.number == number }
    }

    /// The merchant's staff give all of a payment back; nil when some of it has gone.
    func refundInConsole(_ number: TradeNumber, at now: Instant) -> GivenBack? {
        guard let trade = trades[number], let payment = trade.payment, trade.kept(at: now) == payment.amount else {
            return nil
        }
        let given = giveBackInConsole(payment.amount, of: number, at: now)
        change(number) { $0.wentBackUnseen = !$0.hasSaidPaid }
        return given
    }

    /// The merchant's staff give a part back; nil when less is left.
    func giveBackInConsole(_ amount: Int64, of number: TradeNumber, at now: Instant) -> GivenBack? {
        guard let trade = trades[number], trade.kept(at: now) >= amount, amount > 0 else { return nil }
        let given = RefundFate.arrives(after: .zero)
            .accepted("\(GivenBack.consolePrefix)\(number)_\(trade.refunds.count)", amount, at: now)
        change(number) { $0.refunds.append(given) }
        return given
    }
}

extension Books {
    private static let balanceError = ProviderError(code: "BALANCE_TOO_LOW", weight: .balance)

    var unlisted: Doubt { .answered(.code(ProviderError(code: "RULE_OF_TOMORROW", weight: .refusal))) }
    var lowBalance: Doubt { .answered(.code(Self.balanceError)) }
    private var tooSoon: Doubt { .answered(.code(ProviderError(code: "TOO_SOON", weight: .undecided))) }

    func noteRefusal(of refund: RefundRequest, isBalance: Bool) {
        refusedRefunds[refund.number, default: (0, false)].tries += 1
        if isBalance { refusedRefunds[refund.number]?.isBalance = true }
    }

    /// Whether the number is refused for good now. `isDrawn` begins such a time for a number that was never accepted.
    func refusesForGood(_ refund: RefundRequest, isDrawn: Bool, at now: Instant) -> Bool {
        if let until = finalRefusals[refund.number] { return now < until }
        guard isDrawn, given(refund.number, of: refund.tradeNumber) == nil else { return false }
        finalRefusals[refund.number] = now + dice.duration(.seconds(150) ... .seconds(1_800))
        return true
    }
}
