import PayCore
import PayFlow

/// A change of an order that an operator may request.
enum OrderAction: Hashable, Sendable {
    case refund
    case close
    case query(TradeNumber)
    case retry(Refund)
    case decide(DisputeVerdict, Receipt)

    /// The path of the page that asks for the operator's word, and takes it.
    func path(of order: OrderNumber) -> String {
        let base = PagePath.order(order)
        return switch self {
        case .refund: "\(base)/refund"
        case .close: "\(base)/close"
        case .query(let trade): "\(base)/query?trade=\(trade.text)"
        case .retry(let refund): "\(base)/retry?refund=\(refund.number.percentEncoded)"
        case .decide(let verdict, let receipt):
            "\(base)/\(verdict.rawValue)-payment?payment=\(receipt.transactionID.text.percentEncoded)"
                + "&trade=\(receipt.tradeNumber.text)"
        }
    }
}

/// Whether an action is possible now.
enum Possibility: Hashable, Sendable {
    case possible
    /// The reason, for the operator.
    case impossible(String)

    init(_ why: String?) {
        self = why.map { .impossible($0) } ?? .possible
    }

    var why: String? {
        if case .impossible(let why) = self { why } else { nil }
    }
}

/// The actions that are possible for an operator now, and the reasons why the others are not. The rules are the flows'.
struct OrderActions: Sendable {
    let order: Order
    let possible: PossibleChanges
    let rules: ConsoleRules
    let role: OperatorRole
    let language: ConsoleLanguage

    /// Every action that the order may ever have, the most frequent first.
    var all: [OrderAction] {
        [.refund, .close]
            + order.receipts.filter { $0.standing == .disputed }.flatMap { recorded in
                DisputeVerdict.allCases.map { OrderAction.decide($0, recorded.receipt) }
            }
            + order.refunds.filter { $0.state == .failed || $0.state == .needsAttention }.map { .retry($0) }
            + order.attempts.filter { $0.state.name != .paid && $0.state.name != .lapsed }.map { .query($0.number) }
    }

    func possibility(of action: OrderAction) throws -> Possibility {
        if let why = language.whyNot(role, needs: .operator) { return .impossible(why) }
        switch action {
        case .refund: return refund(RefundWish(number: nil, amount: nil, reason: nil, refundable: nil))
        case .close: return Possibility(try whyNotClosed())
        case .query(let trade): return Possibility(whyNotQueried(trade))
        case .retry(let refund): return Possibility(language.why(possible.retry(refund, of: order), refund))
        case .decide(let verdict, let receipt):
            guard case .refused(let refusal) = try possible.decide(verdict, on: receipt, of: order) else {
                return .possible
            }
            return .impossible(language.why(refusal))
        }
    }

    /// - Parameter wish: without an amount, any part of what is left will do.
    func refund(_ wish: RefundWish) -> Possibility {
        switch possible.refund(wish, of: order) {
        case .refused(let refusal): .impossible(language.why(refusal, in: order.payment?.receipt.money?.currency))
        case .channelMissing(let channel): .impossible(language.channelMissing(channel))
        case .possible(let money) where wish.amount != nil && !rules.mayRefund(money, as: role):
            .impossible(language.aboveLimit(rules, money.currency))
        case .possible: .possible
        }
    }

    private func whyNotClosed() throws -> String? {
        switch try possible.close(order) {
        case .possible: nil
        case .alreadyClosed: language.of("Not possible: the order is closed.", "无法操作：订单已关闭。")
        case .refused(let refusal): language.why(refusal)
        }
    }

    private func whyNotQueried(_ trade: TradeNumber) -> String? {
        guard let attempt = order.attempt(trade) else { return language.why(.noSuchOrder) }
        switch possible.query(attempt, of: order) {
        case .possible: return nil
        case .channelMissing(let channel): return language.channelMissing(channel)
        case .notAsked:
            return language.of(
                "Not possible: the attempt is \(language.name(attempt.state.name)), so that the service settles it by itself.",
                "无法操作：该支付单为“\(language.name(attempt.state.name))”，系统会自行处理。")
        }
    }

    func title(of action: OrderAction) -> String {
        switch action {
        case .refund: language.of("Refund", "退款")
        case .close: language.of("Close the order", "关闭订单")
        case .query(let trade): language.of("Query the provider about \(trade)", "向渠道查询 \(trade)")
        case .retry(let refund): language.of("Retry refund \(refund.number)", "重试退款 \(refund.number)")
        case .decide(.accept, let receipt):
            language.of("Accept payment \(receipt.transactionID)", "接受支付 \(receipt.transactionID)")
        case .decide(.refund, let receipt):
            language.of("Send payment \(receipt.transactionID) back", "退回支付 \(receipt.transactionID)")
        }
    }
}

extension ConsoleLanguage {
    func aboveLimit(_ rules: ConsoleRules, _ currency: Currency) -> String {
        let limit = MoneyText.text(rules.refundLimit ?? 0, currency.code)
        return of(
            "Not possible: your role refunds up to \(limit) at once. Ask an admin.",
            "无法操作：您的角色单次最多可退 \(limit)。请联系管理员。")
    }
}
