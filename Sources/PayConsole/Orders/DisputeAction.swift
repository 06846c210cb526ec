import Foundation
import HTTPTypes
import Hummingbird
import PayAPI
import PayCore
import PayFlow

/// Decides about disputed money. Each payment is decided once.
struct DisputeAction: Sendable {
    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [
            .get("/console/orders/{number}/accept-payment", role: .operator) { try await ask(.accept, $0, $1) },
            .post("/console/orders/{number}/accept-payment", role: .operator) {
                try await decide(.accept, $0, $1, $2)
            },
            .get("/console/orders/{number}/refund-payment", role: .operator) { try await ask(.refund, $0, $1) },
            .post("/console/orders/{number}/refund-payment", role: .operator) {
                try await decide(.refund, $0, $1, $2)
            },
        ]
    }

    private func receipt(_ order: Order, _ fields: FormFields) -> Receipt? {
        let (payment, trade) = (fields.only("payment"), fields.only("trade"))
        return order.receipts.first {
            $0.receipt.transactionID.text == payment && $0.receipt.tradeNumber.text == trade
        }?.receipt
    }

    private func ask(_ verdict: DisputeVerdict, _ visit: ConsoleVisit, _ who: SignedIn) async throws -> ConsoleAnswer {
        guard let order = try await parts.order(visit), let receipt = receipt(order, visit.queryFields) else {
            return .notFound
        }
        let actions = parts.actions(of: order, for: who, visit)
        if let why = try actions.possibility(of: .decide(verdict, receipt)).why {
            return .backToOrder(order.number, .failed(why))
        }
        return .page(try view(verdict, receipt, order, actions).page(visit.language))
    }

    private func view(
        _ verdict: DisputeVerdict, _ receipt: Receipt, _ order: Order, _ actions: OrderActions, reason: String = "",
        fault: String? = nil
    ) throws -> ConfirmationView {
        let language = actions.language
        let money = MoneyText.text(receipt.amount, receipt.currencyCode)
        let attempt = order.attempt(receipt.tradeNumber)
        let action = OrderAction.decide(verdict, receipt)
        let submit =
            switch verdict {
            case .accept: language.of("Accept \(money)", "确认接受 \(money)")
            case .refund: language.of("Send \(money) back", "确认退回 \(money)")
            }
        return ConfirmationView(
            order: order, title: actions.title(of: action),
            lead: try effect(actions.possible.decide(verdict, on: receipt, of: order), language),
            facts: [
                Fact(language.of("Payment", "支付"), Value(receipt.transactionID.text)),
                Fact(language.of("Channel", "渠道"), Value(receipt.channel.name)),
                Fact(language.of("Arrived", "到账金额"), .money(receipt.amount, receipt.currencyCode)),
                Fact(language.of("Expected", "应付金额"), attempt.map { .money($0.request.money) }),
                Fact(
                    language.of("Account", "收款账户"),
                    Value(
                        receipt.namesOurAccount
                            ? language.of("ours", "本商城") : language.of("another account", "其他账户"))),
            ],
            form: FormBlock.changing(
                "decide", "\(PagePath.order(order.number))/\(verdict.rawValue)-payment",
                [
                    .hidden("payment", receipt.transactionID.text), .hidden("trade", receipt.tradeNumber.text),
                    FormField.words(
                        "reason", language.of("Reason, for the order's history", "原因（记入订单历史）"), value: reason,
                        longest: RulingReason.longest
                    ).required().faulted(fault),
                ], submit: submit
            ).grave())
    }

    /// The effect that the decision would have now.
    private func effect(_ outcome: RulingOutcome, _ language: ConsoleLanguage) -> String {
        switch outcome {
        case .refunded(let refund):
            language.of(
                "\(MoneyText.text(refund.money)) goes back to the buyer. The order stays as it is. Each payment is decided "
                    + "once.",
                "将向买家退回 \(MoneyText.text(refund.money))，订单状态不变。每笔支付只能决定一次。")
        case .accepted(let action):
            words(action, language) + language.of(" Each payment is decided once.", "每笔支付只能决定一次。")
        case .refused(let refusal): language.why(refusal)
        }
    }

    private func words(_ action: SettleAction, _ language: ConsoleLanguage) -> String {
        switch action.outcome {
        case .paid: language.of("The payment pays the order.", "该支付将使订单变为已支付。")
        case .duplicate:
            language.of("The order is paid, so that this payment is a duplicate and goes back.", "订单已支付，该支付视为重复支付并退回。")
        case .late:
            language.of("The order is over, so that this payment is late and goes back.", "订单已结束，该支付视为迟到支付并退回。")
        case .returned:
            language.of("The provider has returned all of it, so that it pays nothing.", "渠道已全部退回，该支付不计入订单。")
        case .disputed, .repeated, .orphan: language.of("Nothing changes.", "没有变化。")
        }
    }

    private func decide(
        _ verdict: DisputeVerdict, _ visit: ConsoleVisit, _ who: SignedIn, _ form: FormFields
    ) async throws -> ConsoleAnswer {
        guard let order = try await parts.order(visit), let receipt = receipt(order, form) else { return .notFound }
        let (language, actor) = (visit.language, visit.actor(who))
        let text = (form.only("reason") ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        guard let reason = RulingReason(text) else {
            let fault = language.of(
                "Write why, in 1 to \(RulingReason.longest) characters on one line.",
                "请填写原因，1 至 \(RulingReason.longest) 个字符，不可换行。")
            let page = try view(
                verdict, receipt, order, parts.actions(of: order, for: who, visit), reason: text, fault: fault)
            return .page(page.page(language), .unprocessableContent)
        }
        let result = try await DecideDispute(parts.flows)(
            DisputeRuling(verdict, by: actor.name, reason: reason), on: receipt.transactionID, of: order.number,
            by: actor)
        switch result {
        case .noSuchOrder: return .notFound
        case .decided(.refused(let refusal), _): return .backToOrder(order.number, .failed(language.why(refusal)))
        case .decided(.accepted(let action), _):
            return .backToOrder(order.number, .done(words(action, language)))
        case .decided(.refunded(let refund), _):
            return .backToOrder(
                order.number,
                .done(
                    language.of(
                        "The payment goes back: refund \(refund.number) of \(MoneyText.text(refund.money)) is queued.",
                        "该支付将退回：退款 \(refund.number)（\(MoneyText.text(refund.money))）已提交处理。")))
        }
    }
}
