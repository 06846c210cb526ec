import Foundation
import Hummingbird
import PayAPI
import PayCore
import PayFlow

/// The search: one box for any number of an order, or a user. A number that leads to one order leads to its page.
struct SearchPages: Sendable {
    private static let pageLength = 50
    /// More orders than these have no number in common, unless a merchant counts its refunds per order.
    private static let mostNamed = 20
    /// A channel has no index of its own: without a time, only orders of these days are looked through.
    private static let daysOfChannel = Duration.seconds(31 * 86_400)

    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [.get("/console/search", role: .viewer) { visit, _ in try await search(visit) }]
    }

    /// The box and the filters.
    private struct Query {
        let text: String
        let state: OrderStateName?
        let channel: Channel?
        let after: String
        let before: String
        let cursor: OrderCursor?
        let hasFaultyTime: Bool

        init(_ fields: FormFields) {
            text = (fields.only("q") ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
            state = fields.only("state").flatMap(OrderStateName.init(rawValue:))
            channel = fields.only("channel").flatMap(Channel.init)
            after = fields.only("after") ?? ""
            before = fields.only("before") ?? ""
            cursor = fields.only("cursor").flatMap { OrderCursor($0) }.flatMap {
                $0.sequence == .latestFirst ? $0 : nil
            }
            hasFaultyTime = [after, before].contains { !$0.isEmpty && Self.time($0) == nil }
        }

        var createdAfter: Instant? { Self.time(after) }
        var createdBefore: Instant? { Self.time(before) }
        var isFirstPage: Bool { cursor == nil }
        var hasFilter: Bool { state != nil || channel != nil || !after.isEmpty || !before.isEmpty }

        /// A time in UTC as a browser's field sends it (`2026-11-22T10:00`), or in RFC 3339.
        private static func time(_ text: String) -> Instant? {
            Timestamp.parse(text) ?? Timestamp.parse("\(text):00Z") ?? Timestamp.parse("\(text)Z")
        }

        func path(behind cursor: OrderCursor) -> String {
            PagePath.with(
                PagePath.search,
                [
                    ("q", text), ("state", state?.rawValue ?? ""), ("channel", channel?.name ?? ""), ("after", after),
                    ("before", before), ("cursor", cursor.text),
                ])
        }
    }

    private func search(_ visit: ConsoleVisit) async throws -> ConsoleAnswer {
        let (query, language) = (Query(visit.queryFields), visit.language)
        let named = query.text.isEmpty ? [] : try await parts.store.ordersNamed(query.text, limit: Self.mostNamed)
        let user = UserID(query.text)
        let list = query.text.isEmpty || user != nil ? try await orders(query, of: user, at: visit.now) : nil
        let found = Set(named.map(\.order))
        if let only = found.first, found.count == 1, list?.entries.isEmpty ?? true, !query.hasFilter {
            return .redirect(to: PagePath.order(only))
        }
        var blocks = [form(query, language)]
        if !named.isEmpty { blocks.append(try await numbers(named, language)) }
        blocks += results(list, query, hasNamed: !named.isEmpty, language)
        let title = language.of("Orders", "订单")
        return .page(ConsolePage(title, in: .orders, BlocksView(heading: title, blocks: blocks)))
    }

    /// The orders of the user, or of everybody if the box is empty.
    private func orders(_ query: Query, of user: UserID?, at now: Instant) async throws -> OrderList {
        var search = OrderSearch(
            state: query.state, user: user, channel: query.channel, createdAfter: query.createdAfter,
            createdBefore: query.createdBefore)
        if search.channel != nil, search.user == nil, search.createdAfter == nil {
            search.createdAfter = (search.createdBefore ?? now) - Self.daysOfChannel
        }
        return try await parts.store.orders(
            OrderListing(search, sequence: .latestFirst, limit: Self.pageLength, after: query.cursor))
    }

    private func form(_ query: Query, _ language: ConsoleLanguage) -> Block {
        var block = Block("search", language.of("Search", "搜索"))
        let states =
            [(value: "", text: language.of("any", "全部"))]
            + OrderStateName.allCases.map { ($0.rawValue, language.name($0)) }
        let channels =
            [(value: "", text: language.of("any", "全部"))]
            + parts.flows.channels.entries.map { ($0.channel.name, $0.channel.name) }
        let fault =
            query.hasFaultyTime
            ? language.of("Write a time such as 2026-11-22T10:00.", "请输入时间，例如 2026-11-22T10:00。") : nil
        block.forms = [
            FormBlock.asking(
                "find", PagePath.search,
                [
                    FormField.text("q", language.of("Number or user", "编号或用户"), value: query.text).typed("search")
                        .hinted(
                            language.of(
                                "The number of an order, an attempt, a payment or a refund, or a user. Empty for the latest "
                                    + "orders.",
                                "订单号、支付单号、渠道交易号、退款号或用户。留空显示最新订单。")),
                    .choice("state", language.of("State", "状态"), states, chosen: query.state?.rawValue ?? ""),
                    FormField.choice(
                        "channel", language.of("Channel", "渠道"), channels, chosen: query.channel?.name ?? ""
                    ).hinted(
                        query.channel != nil && query.createdAfter == nil
                            ? language.of("Without a time: orders of 31 days.", "未指定时间时只查 31 天内的订单。") : nil),
                    FormField.text("after", language.of("Created after (UTC)", "创建晚于（UTC）"), value: query.after)
                        .typed("datetime-local").faulted(fault),
                    FormField.text("before", language.of("Created before (UTC)", "创建早于（UTC）"), value: query.before)
                        .typed("datetime-local"),
                ], submit: language.of("Search", "搜索")
            ).inline()
        ]
        return block
    }

    /// The orders that the number leads to, each with the thing that has the number.
    private func numbers(_ named: [NamedOrder], _ language: ConsoleLanguage) async throws -> Block {
        var block = Block("numbers", language.of("Orders with this number", "含此编号的订单"))
        let rows = named.map { found -> [Value] in
            [
                Value(found.order.text).linked(to: PagePath.order(found.order)),
                Value(words(for: found.bearer, language)),
            ]
        }
        block.table = Table(block.blockTitle, [language.of("Order", "订单"), language.of("Has it as", "编号属于")], rows)
        return block
    }

    private func words(for bearer: NamedOrder.Bearer, _ language: ConsoleLanguage) -> String {
        switch bearer {
        case .order: language.of("its own number", "订单号")
        case .attempt: language.of("the number of an attempt", "支付单号")
        case .payment(let channel): language.of("a payment at \(channel)", "\(channel) 的渠道交易号")
        case .refund(let trade): language.of("a refund of \(trade)", "\(trade) 的退款号")
        }
    }

    private func results(
        _ list: OrderList?, _ query: Query, hasNamed: Bool, _ language: ConsoleLanguage
    ) -> [Block] {
        let entries = list?.entries ?? []
        guard !entries.isEmpty || !hasNamed else { return [] }
        var block = Block(
            "orders",
            query.text.isEmpty
                ? language.of("Orders, the latest first", "订单，最新在前") : language.of("Orders of this user", "该用户的订单"))
        if entries.isEmpty {
            block.empty =
                query.text.isEmpty
                ? language.of("No order fits.", "没有符合条件的订单。")
                : language.of(
                    "No order, attempt, payment, refund or user fits. Numbers must be complete.",
                    "没有匹配的订单、支付单、支付、退款或用户。编号必须完整。")
        } else {
            let table = OrderTable(language)
            block.table = Table(block.blockTitle, table.head, entries.map(table.row))
        }
        if let next = list?.next {
            block.links = [
                BlockLink(linkText: language.of("Older orders", "更早的订单"), linkHref: query.path(behind: next))
            ]
        }
        return [block]
    }
}
