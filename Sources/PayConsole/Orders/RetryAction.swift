import Hummingbird
import PayAPI
import PayCore
import PayFlow

/// Retries a refund that failed or needs attention.
struct RetryAction: Sendable {
    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [
            .get("/console/orders/{number}/retry", role: .operator) { try await ask($0, $1) },
            .post("/console/orders/{number}/retry", role: .operator) { try await retry($0, $1, $2) },
        ]
    }

    private func refund(_ order: Order, _ fields: FormFields) -> Refund? {
        fields.only("refund").flatMap { number in order.refunds.first { $0.number == number } }
    }

    private func ask(_ visit: ConsoleVisit, _ who: SignedIn) async throws -> ConsoleAnswer {
        guard let order = try await parts.order(visit), let refund = refund(order, visit.queryFields) else {
            return .notFound
        }
        let (actions, language) = (parts.actions(of: order, for: who, visit), visit.language)
        let action = OrderAction.retry(refund)
        if let why = try actions.possibility(of: action).why { return .backToOrder(order.number, .failed(why)) }
        let view = ConfirmationView(
            order: order, title: actions.title(of: action),
            lead: language.of(
                "The provider is asked again within a second. The refund keeps its number unless the provider closed it, so "
                    + "that no money goes back twice.",
                "系统会在一秒内再次请求渠道。除非平台已关闭该退款，否则退款号不变，因此不会重复退款。"),
            facts: [
                Fact(language.of("Refund", "退款"), Value(refund.providerNumber)),
                Fact(language.of("Refund now", "退款金额"), .money(refund.money)),
                Fact(language.of("Channel", "渠道"), order.channel(of: refund).map { Value($0.name) }),
                Fact(language.of("Last refusal", "最近拒绝代码"), refund.providerCode.map { Value($0) }),
            ],
            form: FormBlock.changing(
                "retry", "\(PagePath.order(order.number))/retry", [.hidden("refund", refund.number)],
                submit: language.of(
                    "Retry the refund of \(MoneyText.text(refund.money))", "重试退款 \(MoneyText.text(refund.money))")
            ).grave())
        return .page(view.page(language))
    }

    private func retry(_ visit: ConsoleVisit, _ who: SignedIn, _ form: FormFields) async throws -> ConsoleAnswer {
        guard let order = try await parts.order(visit), let refund = refund(order, form) else { return .notFound }
        let result = try await RetryRefund(parts.flows)(refund.number, of: order.number, by: visit.actor(who))
        return .backToOrder(order.number, flash(result, refund, visit.language))
    }

    private func flash(_ result: RefundRetryResult, _ refund: Refund, _ language: ConsoleLanguage) -> ConsoleFlash {
        switch result {
        case .queued(let queued, _):
            .done(
                language.of(
                    "Refund \(queued.number) of \(MoneyText.text(queued.money)) is queued.",
                    "退款 \(queued.number)（\(MoneyText.text(queued.money))）已提交处理。"))
        case .notWaiting(let found): .failed(language.why(.notWaiting, found) ?? "")
        case .tooMuch(let left): .failed(language.why(.tooMuch(left: left), refund) ?? "")
        case .noSuchRefund, .noSuchOrder: .failed(language.why(.noSuchOrder))
        }
    }
}
