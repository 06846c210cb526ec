import Hummingbird
import PayAPI
import PayCore
import PayFlow

/// The page of an order.
struct OrderPages: Sendable {
    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [.get("/console/orders/{number}", role: .viewer) { try await order($0, $1) }]
            + RefundAction(parts: parts).routes + CloseAction(parts: parts).routes + QueryAction(parts: parts).routes
            + RetryAction(parts: parts).routes + DisputeAction(parts: parts).routes
    }

    private func order(_ visit: ConsoleVisit, _ who: SignedIn) async throws -> ConsoleAnswer {
        guard let number = visit.orderNumber, let record = try await OrderRecord(number, in: parts.store) else {
            return .notFound
        }
        let actions = parts.actions(of: record.order, for: who, visit)
        let page = try OrderView(record: record, actions: actions, now: visit.now).page()
        return .page(ConsolePage(page.heading, in: .orders, page))
    }
}

extension ConsoleVisit {
    /// The order's number in the path.
    var orderNumber: OrderNumber? { parameter("number").flatMap(OrderNumber.init) }

    /// The query, in the encoding of a form.
    var queryFields: FormFields { FormFields(Array((request.uri.query ?? "").utf8)) }
}

extension ConsoleParts {
    func actions(of order: Order, for who: SignedIn, _ visit: ConsoleVisit) -> OrderActions {
        OrderActions(
            order: order, possible: PossibleChanges(flows), rules: rules, role: who.role, language: visit.language)
    }

    /// The order of the path, for a change.
    func order(_ visit: ConsoleVisit) async throws -> Order? {
        guard let number = visit.orderNumber else { return nil }
        return try await store.order(number)
    }
}

/// The page on which an operator confirms a change of an order.
struct ConfirmationView: Sendable {
    let order: Order
    let title: String
    /// The effect of the change.
    let lead: String
    let facts: [Fact?]
    let form: FormBlock
    var problem: String?

    func page(_ language: ConsoleLanguage) -> ConsolePage {
        var block = Block("confirm", title)
        block.lead = lead
        block.facts = Facts(
            [
                Fact(language.of("Order", "订单"), Value(order.number.text)),
                Fact(
                    language.of("State", "状态"), .badge(language.name(order.state.name), order.state.name.tone)),
                Fact(language.of("Amount of the order", "订单金额"), .money(order.money)),
                Fact(language.of("Subject", "商品"), Value(order.subject.text)),
                Fact(language.of("User", "用户"), Value(order.userID.text)),
            ] + facts)
        let path = PagePath.order(order.number)
        block.forms = [
            form.cancelled(by: BlockLink(linkText: language.of("Back without a change", "返回，不做更改"), linkHref: path))
        ]
        let view = BlocksView(
            heading: title,
            crumbs: [Crumb(crumbText: language.of("Order \(order.number)", "订单 \(order.number)"), crumbHref: path)],
            problem: problem, blocks: [block])
        return ConsolePage(title, in: .orders, view)
    }
}

extension ConsoleAnswer {
    /// The order's page, with the result of a change.
    static func backToOrder(_ number: OrderNumber, _ flash: ConsoleFlash) -> ConsoleAnswer {
        .redirect(to: PagePath.order(number), saying: flash)
    }
}
