import Hummingbird
import PayCore
import PayFlow

/// Closes an order, and whatever is open at its providers.
struct CloseAction: Sendable {
    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [
            .get("/console/orders/{number}/close", role: .operator) { try await ask($0, $1) },
            .post("/console/orders/{number}/close", role: .operator) { visit, who, _ in try await close(visit, who) },
        ]
    }

    private func ask(_ visit: ConsoleVisit, _ who: SignedIn) async throws -> ConsoleAnswer {
        guard let order = try await parts.order(visit) else { return .notFound }
        let (actions, language) = (parts.actions(of: order, for: who, visit), visit.language)
        if let why = try actions.possibility(of: .close).why { return .backToOrder(order.number, .failed(why)) }
        let open = order.attempts.filter(\.mayTakeMoney)
        let view = ConfirmationView(
            order: order, title: actions.title(of: .close),
            lead: language.of(
                "The order can't be paid any more. Each attempt that may take money is closed at its provider and queried "
                    + "first: a payment made before the close still pays the order.",
                "关闭后订单不能再支付。系统会先在渠道关闭并查询每个可能收款的支付单：关闭前已完成的支付仍然有效。"),
            facts: [
                Fact(
                    language.of("Attempts to close", "待关闭的支付单"),
                    open.isEmpty ? .none : Value(open.map { "\($0.number) (\($0.channel))" }.joined(separator: ", ")))
            ],
            form: FormBlock.changing(
                "close", "\(PagePath.order(order.number))/close", [],
                submit: language.of(
                    "Close the order of \(MoneyText.text(order.money))", "确认关闭订单（\(MoneyText.text(order.money))）")
            ).grave())
        return .page(view.page(language))
    }

    private func close(_ visit: ConsoleVisit, _ who: SignedIn) async throws -> ConsoleAnswer {
        guard let order = try await parts.order(visit) else { return .notFound }
        let language = visit.language
        switch try await Close(parts.flows)(order.number, by: visit.actor(who)) {
        case .closed:
            return .backToOrder(order.number, .done(language.of("The order is closed.", "订单已关闭。")))
        case .refused(let refusal, let word):
            let said = word.map { [$0.reason.map { "\($0)" }, $0.code].compactMap { $0 }.joined(separator: " ") }
            return .backToOrder(order.number, .failed(language.why(refusal) + (said.map { " (\($0))" } ?? "")))
        }
    }
}
