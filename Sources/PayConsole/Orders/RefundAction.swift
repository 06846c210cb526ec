import Foundation
import HTTPTypes
import Hummingbird
import PayAPI
import PayCore
import PayFlow

/// Refunds the payment of an order, in full or in part: first the amount, then the confirmation. The first page makes the
/// key, and the address of the second one has it: the browser's way back and a second submit lead to one refund.
struct RefundAction: Sendable {
    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [
            .get("/console/orders/{number}/refund", role: .operator) { try await ask($0, $1) },
            .post("/console/orders/{number}/refund", role: .operator) { try await refund($0, $1, $2) },
        ]
    }

    /// The name of the field with the key.
    private static let key = "key"

    private static func newKey() -> String { UUID().uuidString }

    /// The operator's input.
    private struct Wish {
        let amount: String
        let reason: String

        init(_ fields: FormFields, left: String) {
            amount = (fields.only("amount") ?? left).trimmingCharacters(in: .whitespaces)
            reason = (fields.only("reason") ?? "").trimmingCharacters(in: .whitespaces)
        }

        func money(_ currency: Currency) -> Money? { MoneyText.parse(amount, currency) }

        /// Nil if it is not acceptable.
        var refundReason: RefundReason?? {
            reason.isEmpty ? .some(nil) : RefundReason(reason).map { .some($0) }
        }
    }

    private func ask(_ visit: ConsoleVisit, _ who: SignedIn) async throws -> ConsoleAnswer {
        guard let order = try await parts.order(visit) else { return .notFound }
        let actions = parts.actions(of: order, for: who, visit)
        if let why = try actions.possibility(of: .refund).why { return .backToOrder(order.number, .failed(why)) }
        guard let currency = order.payment?.receipt.money?.currency else { return .notFound }
        let fields = visit.queryFields
        let wish = Wish(fields, left: MoneyText.input(order.refundable, currency))
        guard fields.only("amount") != nil else {
            return .page(form(order, currency, wish, visit.language).page(visit.language))
        }
        guard let money = wish.money(currency), let reason = wish.refundReason else {
            let page = form(order, currency, wish, visit.language, isChecked: true)
            return .page(page.page(visit.language), .unprocessableContent)
        }
        let refund = RefundWish(number: nil, amount: money.amount, reason: reason, refundable: nil)
        if let why = actions.refund(refund).why {
            var page = form(order, currency, wish, visit.language)
            page.problem = why
            return .page(page.page(visit.language), .unprocessableContent)
        }
        let key = fields.only(Self.key).flatMap { IdempotencyKey($0) == nil ? nil : $0 } ?? Self.newKey()
        return .page(confirmation(order, money, wish, key: key, visit.language).page(visit.language))
    }

    private func form(
        _ order: Order, _ currency: Currency, _ wish: Wish, _ language: ConsoleLanguage, isChecked: Bool = false
    ) -> ConfirmationView {
        let largest = MoneyText.input(order.refundable, currency)
        let amount = FormField.text(
            "amount", language.of("Amount in \(currency)", "金额（\(currency)）"), value: wish.amount
        )
        .typed("text", mode: "decimal").required()
        .faulted(
            isChecked && wish.money(currency) == nil
                ? language.of(
                    "Write an amount such as \(largest), with a point before the decimals.",
                    "请输入金额，例如 \(largest)，小数点用英文句点。") : nil)
        let reason = FormField.words(
            "reason", language.of("Reason (optional)", "原因（可选）"), value: wish.reason, longest: RefundReason.longest
        )
        .hinted(language.of("The buyer may see the reason.", "买家可能看到该原因。"))
        .faulted(
            isChecked && wish.refundReason == nil
                ? language.of(
                    "At most \(RefundReason.longest) characters, on one line.", "最多 \(RefundReason.longest) 个字符，不可换行。")
                : nil)
        return ConfirmationView(
            order: order, title: title(language),
            lead: language.of("The next page asks for your confirmation.", "下一页将请您确认。"),
            facts: facts(order, language),
            form: .asking(
                "refund", "\(PagePath.order(order.number))/refund", [amount, reason, .hidden(Self.key, Self.newKey())],
                submit: language.of("Continue", "继续")))
    }

    private func confirmation(
        _ order: Order, _ money: Money, _ wish: Wish, key: String, _ language: ConsoleLanguage
    ) -> ConfirmationView {
        let left = order.refundable - money.amount
        let fields: [FormField] = [
            .hidden("amount", wish.amount), .hidden("reason", wish.reason),
            .hidden("refundable", String(order.refundable)), .hidden(Self.key, key),
        ]
        return ConfirmationView(
            order: order, title: title(language),
            lead: language.of(
                "\(MoneyText.text(money)) goes back to the buyer. This can't be undone.",
                "将向买家退款 \(MoneyText.text(money))。此操作无法撤销。"),
            facts: facts(order, language) + [
                Fact(language.of("Refund now", "本次退款"), .money(money)),
                Fact(language.of("Left afterwards", "退款后剩余"), .money(left, money.currency.code)),
                Fact(language.of("Reason", "原因"), wish.reason.isEmpty ? nil : Value(wish.reason)),
            ],
            form: FormBlock.changing(
                "refund", "\(PagePath.order(order.number))/refund", fields,
                submit: language.of("Refund \(MoneyText.text(money))", "确认退款 \(MoneyText.text(money))")
            ).grave())
    }

    private func facts(_ order: Order, _ language: ConsoleLanguage) -> [Fact?] {
        let receipt = order.payment?.receipt
        return [
            Fact(language.of("Payment", "支付"), receipt.map { Value($0.transactionID.text) }),
            Fact(language.of("Channel", "渠道"), receipt.map { Value($0.channel.name) }),
            Fact(language.of("Paid", "已支付"), receipt.map { .money($0.amount, $0.currencyCode) }),
            Fact(language.of("Left to refund", "可退金额"), receipt.map { .money(order.refundable, $0.currencyCode) }),
        ]
    }

    private func title(_ language: ConsoleLanguage) -> String { language.of("Refund the payment", "退款") }

    private func refund(_ visit: ConsoleVisit, _ who: SignedIn, _ form: FormFields) async throws -> ConsoleAnswer {
        guard let order = try await parts.order(visit) else { return .notFound }
        let (language, number) = (visit.language, order.number)
        let wish = Wish(form, left: "")
        guard let currency = order.payment?.receipt.money?.currency, let money = wish.money(currency),
            let reason = wish.refundReason, let key = form.only(Self.key).flatMap(IdempotencyKey.init),
            let refundable = form.only("refundable").flatMap({ Int64($0) })
        else {
            return .backToOrder(number, .failed(language.of("Nothing was refunded. Try again.", "未退款，请重试。")))
        }
        guard parts.rules.mayRefund(money, as: who.role) else {
            return .backToOrder(number, .failed(language.aboveLimit(parts.rules, currency)))
        }
        let refund = RefundWish(number: nil, amount: money.amount, reason: reason, refundable: refundable)
        let result = try await RequestRefund(parts.flows)(
            refund, of: number, under: KeyUse(key, of: refund, for: number), by: visit.actor(who))
        return .backToOrder(number, flash(result, currency, language))
    }

    private func flash(_ result: RefundResult, _ currency: Currency, _ language: ConsoleLanguage) -> ConsoleFlash {
        switch result {
        case .stored(let refund, _, _, _):
            .done(
                language.of(
                    "Refund \(refund.number) of \(MoneyText.text(refund.money)) is queued.",
                    "退款 \(refund.number)（\(MoneyText.text(refund.money))）已提交处理。"))
        case .noSuchOrder: .failed(language.why(.noSuchOrder))
        case .refused(let refusal): .failed(language.why(refusal, in: currency))
        case .channelMissing(let channel): .failed(language.channelMissing(channel))
        case .keyReused:
            .failed(
                language.of(
                    "Nothing was refunded: this form was used before. Open the page again.",
                    "未退款：此表单已被使用过。请重新打开页面。"))
        }
    }
}
