import Hummingbird
import PayAPI
import PayCore
import PayFlow

/// Queries the provider about one attempt at once, and settles money that it reports.
struct QueryAction: Sendable {
    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [
            .get("/console/orders/{number}/query", role: .operator) { try await ask($0, $1) },
            .post("/console/orders/{number}/query", role: .operator) { try await query($0, $1, $2) },
        ]
    }

    private func attempt(_ order: Order, _ fields: FormFields) -> Attempt? {
        fields.only("trade").flatMap(TradeNumber.init).flatMap(order.attempt)
    }

    private func ask(_ visit: ConsoleVisit, _ who: SignedIn) async throws -> ConsoleAnswer {
        guard let order = try await parts.order(visit), let attempt = attempt(order, visit.queryFields) else {
            return .notFound
        }
        let (actions, language) = (parts.actions(of: order, for: who, visit), visit.language)
        let action = OrderAction.query(attempt.number)
        if let why = try actions.possibility(of: action).why { return .backToOrder(order.number, .failed(why)) }
        let view = ConfirmationView(
            order: order, title: actions.title(of: action),
            lead: language.of(
                "The query changes nothing at the provider. Money that it reports is settled as if a notice had come.",
                "查询不会改变渠道的任何状态。查询到的款项将按收到通知处理。"),
            facts: [
                Fact(language.of("Attempt", "支付单"), Value(attempt.number.text)),
                Fact(language.of("Channel", "渠道"), Value(attempt.channel.name)),
                Fact(
                    language.of("State of the attempt", "支付单状态"),
                    .badge(language.name(attempt.state.name), attempt.state.name.tone)),
                Fact(language.of("Amount at the provider", "渠道金额"), .money(attempt.request.money)),
            ],
            form: .changing(
                "query", "\(PagePath.order(order.number))/query", [.hidden("trade", attempt.number.text)],
                submit: language.of("Query the provider", "向渠道查询")))
        return .page(view.page(language))
    }

    private func query(_ visit: ConsoleVisit, _ who: SignedIn, _ form: FormFields) async throws -> ConsoleAnswer {
        guard let order = try await parts.order(visit), let attempt = attempt(order, form) else { return .notFound }
        let actions = parts.actions(of: order, for: who, visit)
        if let why = try actions.possibility(of: .query(attempt.number)).why {
            return .backToOrder(order.number, .failed(why))
        }
        let outcome = try await QueryAttempts(parts.flows)(attempt.number, by: visit.actor(who))
        return .backToOrder(order.number, flash(outcome, visit.language))
    }

    private func flash(_ outcome: QueryAttempts.Outcome?, _ language: ConsoleLanguage) -> ConsoleFlash {
        switch outcome {
        case .settled: .done(language.of("The provider reported a payment. It is settled.", "渠道报告了一笔支付，已入账。"))
        case .closed: .done(language.of("The provider closed the attempt.", "渠道已关闭该支付单。"))
        case .lapsed:
            .done(language.of("The provider took no money, and can't any more.", "渠道未收款，且不会再收款。"))
        case .unchanged, .failed:
            .warning(
                language.of(
                    "The provider reported nothing new. The history has its answer if the answer was no help.",
                    "渠道没有新的信息。如应答无效，可在历史中查看。"))
        case nil:
            .warning(language.of("No query was sent: a call about the attempt is under way.", "未发送查询：该支付单正在处理中。"))
        }
    }
}
