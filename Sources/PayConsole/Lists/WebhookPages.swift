import Hummingbird
import PayAPI
import PayCore
import PayFlow

/// The webhooks to the shop: the endpoints, the deliveries, and each delivery with its tries.
struct WebhookPages: Sendable {
    private static let pageLength = 100

    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [
            .get("/console/webhooks", role: .viewer) { try await list($0, $1) },
            .post("/console/webhooks/test", role: .operator) { try await test($0, $1, $2) },
            .get("/console/webhooks/{id}", role: .viewer) { try await delivery($0, $1) },
            .post("/console/webhooks/{id}/resend", role: .operator) { try await resend($0, $1, $2) },
        ]
    }

    /// The filter of the list. A text that can't be an order's number fits nothing.
    private struct Filter {
        let state: DeliveryState?
        let endpoint: EndpointName?
        let order: String
        let before: DeliveryID?

        init(_ fields: FormFields) {
            state = fields.only("state").flatMap(DeliveryState.init(rawValue:))
            endpoint = fields.only("endpoint").flatMap { EndpointName($0) }
            order = fields.only("order") ?? ""
            before = fields.only("before").flatMap { Int64($0) }.flatMap { DeliveryID($0) }
        }

        var listing: DeliveryListing? {
            let number = OrderNumber(order)
            guard number != nil || order.isEmpty else { return nil }
            return DeliveryListing(
                state: state, order: number, endpoint: endpoint, before: before, limit: WebhookPages.pageLength)
        }

        func path(behind id: DeliveryID) -> String {
            PagePath.with(
                PagePath.webhooks,
                [
                    ("state", state?.rawValue ?? ""), ("endpoint", endpoint?.text ?? ""), ("order", order),
                    ("before", "\(id)"),
                ])
        }
    }

    private func list(_ visit: ConsoleVisit, _ who: SignedIn) async throws -> ConsoleAnswer {
        let (filter, language) = (Filter(visit.queryFields), visit.language)
        let endpoints = try await parts.store.endpoints()
        let records =
            if let listing = filter.listing { try await parts.store.deliveries(listing) } else { [DeliveryRecord]() }
        let title = language.of("Webhooks", "商城通知")
        var block = Block("webhooks", language.of("Deliveries, the latest first", "通知，最新在前"))
        if records.isEmpty {
            block.empty = language.of("No delivery fits.", "没有符合条件的通知。")
        } else {
            let table = WebhookTable(language)
            block.table = Table(title, table.head(withOrder: true), records.map { table.row($0, withOrder: true) })
        }
        if records.count == Self.pageLength, let last = records.last {
            block.links = [
                BlockLink(linkText: language.of("Older deliveries", "更早的通知"), linkHref: filter.path(behind: last.id))
            ]
        }
        let blocks = [
            endpointList(endpoints, language, at: visit.now), form(filter, endpoints, language), block,
            testing(who, language),
        ]
        return .page(ConsolePage(title, in: .webhooks, BlocksView(heading: title, blocks: blocks)))
    }

    private func endpointList(
        _ endpoints: [EndpointStanding], _ language: ConsoleLanguage, at now: Instant
    ) -> Block {
        var block = Block("endpoints", language.of("Endpoints", "接收端点"))
        guard !endpoints.isEmpty else {
            block.empty = language.of("No endpoint was ever configured: see webhook.url.", "从未配置接收端点：参见 webhook.url。")
            return block
        }
        block.table = Table(
            block.blockTitle,
            [
                language.of("Endpoint", "端点"), language.of("Address", "地址"), language.of("Events", "事件"),
                language.of("Configured", "已配置"), language.of("Pending", "待送达"), language.of("Oldest waits", "最久等待"),
                language.of("Parked", "已搁置"),
            ],
            endpoints.map { standing -> [Value] in
                let kinds = standing.entry.kinds.map { $0.map(\.rawValue).sorted().joined(separator: ", ") }
                let name = standing.entry.name.text
                return [
                    Value(name).linked(to: PagePath.with(PagePath.webhooks, [("endpoint", name)])),
                    Value(standing.entry.origin), Value(kinds ?? language.of("all", "全部")),
                    standing.isActive
                        ? .badge(language.of("yes", "是"), .good)
                        : .badge(language.of("no, nothing is sent", "否，不发送"), .warn),
                    .number(standing.pending),
                    standing.waitsSince.map { Value(language.age(of: $0, at: now)) } ?? .none,
                    .number(standing.parked),
                ]
            })
        return block
    }

    private func form(_ filter: Filter, _ endpoints: [EndpointStanding], _ language: ConsoleLanguage) -> Block {
        var block = Block("filter", language.of("Filter", "筛选"))
        let any = (value: "", text: language.of("any", "全部"))
        block.forms = [
            FormBlock.asking(
                "show", PagePath.webhooks,
                [
                    .choice(
                        "state", language.of("State", "状态"),
                        [any] + DeliveryState.allCases.map { ($0.rawValue, language.name($0)) },
                        chosen: filter.state?.rawValue ?? ""),
                    .choice(
                        "endpoint", language.of("Endpoint", "端点"),
                        [any] + endpoints.map { ($0.entry.name.text, $0.entry.name.text) },
                        chosen: filter.endpoint?.text ?? ""),
                    .text("order", language.of("Order", "订单"), value: filter.order),
                ], submit: language.of("Show", "显示")
            ).inline()
        ]
        return block
    }

    // MARK: A test

    private func testing(_ who: SignedIn, _ language: ConsoleLanguage) -> Block {
        var block = Block("test", language.of("Test an endpoint", "测试端点"))
        let submit = language.of("Send a test event", "发送测试事件")
        let names = parts.testEndpoint?.names ?? []
        let none = names.isEmpty ? language.of("Not possible: no endpoint is configured.", "无法操作：未配置接收端点。") : nil
        if let why = language.whyNot(who.role, needs: .operator) ?? none {
            block.actionList = ActionList(actions: [.init(actionName: submit, actionHref: nil, why: why)])
            return block
        }
        block.lead = language.of(
            "Sends the event webhook.test once. It is about no order.", "发送一次 webhook.test 事件，不涉及任何订单。")
        let choices = names.sorted().map { (value: $0.text, text: $0.text) }
        block.forms = [
            FormBlock.changing(
                "send-test", "\(PagePath.webhooks)/test",
                [.choice("endpoint", language.of("Endpoint", "端点"), choices, chosen: choices[0].value)], submit: submit
            ).inline()
        ]
        return block
    }

    private func test(_ visit: ConsoleVisit, _ who: SignedIn, _ form: FormFields) async throws -> ConsoleAnswer {
        let language = visit.language
        guard let endpoint = form.only("endpoint").flatMap({ EndpointName($0) }),
            let result = try await parts.testEndpoint?(endpoint, by: visit.actor(who))
        else { return .notFound }
        let words = "\(endpoint): \(result.reply.answer.words)"
        return .redirect(
            to: PagePath.webhooks,
            saying: result.reply.answer == .accepted
                ? .done(language.of("The endpoint took the test event. \(words)", "端点已接收测试事件。\(words)"))
                : .failed(language.of("The endpoint did not take the test event. \(words)", "端点未接收测试事件。\(words)")))
    }

    // MARK: A delivery

    private func delivery(_ visit: ConsoleVisit, _ who: SignedIn) async throws -> ConsoleAnswer {
        guard let id = visit.deliveryID, let detail = try await parts.store.delivery(id) else { return .notFound }
        let (record, language) = (detail.record, visit.language)
        let title = language.of("Delivery \(id)", "通知 \(id)")
        var facts = Block("particulars", language.of("Particulars", "基本信息"))
        facts.facts = Facts([
            Fact(language.of("Event", "事件"), Value(record.kind.rawValue)),
            Fact(language.of("Order", "订单"), Value(record.order.text).linked(to: PagePath.order(record.order))),
            Fact("webhook-id", Value(record.messageID)),
            Fact(language.of("Occurred", "发生时间"), .time(record.occurredAt)),
            Fact(
                language.of("Endpoint", "端点"),
                Value(record.endpoint.text)
                    .noted(record.isEndpointActive ? nil : language.of("not configured, nothing is sent", "未配置，不发送"))),
            Fact(language.of("State", "状态"), .badge(language.name(record.state), record.state.tone)),
            Fact(language.of("Tries", "次数"), .number(record.tries)),
            Fact(language.of("Next try", "下次尝试"), record.state == .pending ? .time(record.nextAt) : nil),
            Fact(language.of("Acknowledged", "确认时间"), record.deliveredAt.map { .time($0) }),
        ])
        let view = BlocksView(
            heading: title,
            headingBadge: Badge(language.name(record.state), record.state.tone),
            crumbs: [Crumb(crumbText: language.of("Webhooks", "商城通知"), crumbHref: PagePath.webhooks)],
            blocks: [facts, resending(record, who, language), tries(detail, language)])
        return .page(ConsolePage(title, in: .webhooks, view))
    }

    private func resending(_ record: DeliveryRecord, _ who: SignedIn, _ language: ConsoleLanguage) -> Block {
        var block = Block("actions", language.of("Actions", "可执行的操作"))
        let submit = language.of("Send again", "重新发送")
        if let why = language.whyNot(who.role, needs: .operator) {
            block.actionList = ActionList(actions: [.init(actionName: submit, actionHref: nil, why: why)])
            return block
        }
        block.lead = language.of(
            "The delivery is due at once, with a fresh set of retries. It keeps its webhook-id and its bytes, so that the shop "
                + "can detect a duplicate.",
            "通知将立即重新发送，并重新计算重试次数。webhook-id 和内容保持不变，商城可识别重复通知。")
        block.forms = [
            .changing(
                "resend", "\(PagePath.webhook(record.id))/resend", [.hidden("seen", record.mark)], submit: submit)
        ]
        return block
    }

    private func tries(_ detail: DeliveryDetail, _ language: ConsoleLanguage) -> Block {
        var block = Block("tries", language.of("Tries, the latest first", "发送记录，最新在前"))
        guard !detail.attempts.isEmpty else {
            block.empty = language.of("Not sent yet.", "尚未发送。")
            return block
        }
        block.table = Table(
            block.blockTitle,
            [
                "#", language.of("Began", "开始时间"), language.of("Took", "耗时"), language.of("Status", "状态码"),
                language.of("Outcome", "结果"), language.of("Beginning of the answer", "应答开头"),
            ],
            detail.attempts.map { attempt -> [Value] in
                [
                    .number(attempt.number), .time(attempt.beganAt), Value("\(attempt.took.wholeMilliseconds) ms"),
                    attempt.status.map { .number($0) } ?? .none,
                    attempt.outcome == .accepted ? .badge(attempt.answer, .good) : .badge(attempt.answer, .warn),
                    Value(attempt.excerpt ?? "–"),
                ]
            })
        if detail.record.tries > detail.attempts.count {
            block.lead = language.of(
                "The last \(DeliveryDetail.attemptsKept) tries are kept.", "仅保留最近 \(DeliveryDetail.attemptsKept) 次。")
        }
        return block
    }

    private func resend(_ visit: ConsoleVisit, _ who: SignedIn, _ form: FormFields) async throws -> ConsoleAnswer {
        guard let id = visit.deliveryID, let detail = try await parts.store.delivery(id) else { return .notFound }
        let (language, path) = (visit.language, PagePath.webhook(id))
        guard form.only("seen") == detail.record.mark else {
            return .redirect(
                to: path,
                saying: .warning(
                    language.of(
                        "Nothing was queued: the delivery has changed since the page was opened.",
                        "未重新发送：页面打开后该通知已有变化。")))
        }
        let report = try await parts.store.resendDeliveries(.these([id]), by: visit.actor(who), at: visit.now)
        return .redirect(
            to: path,
            saying: report.due.isEmpty
                ? .warning(language.of("The delivery is being sent now, and was not queued.", "该通知正在发送，未重新排队。"))
                : .done(language.of("The delivery is queued, and sent within a second.", "通知已排队，将在一秒内发送。")))
    }
}

extension DeliveryRecord {
    /// Changes with each try and each resend, so that a form that is submitted twice sends once.
    fileprivate var mark: String { "\(state.rawValue) \(tries) \(nextAt.milliseconds)" }
}

extension ConsoleVisit {
    fileprivate var deliveryID: DeliveryID? { parameter("id").flatMap { Int64($0) }.flatMap { DeliveryID($0) } }
}
