import PayAPI
import PayCore
import PayFlow

/// The rows of a list of webhooks.
struct WebhookTable: Sendable {
    private let language: ConsoleLanguage

    init(_ language: ConsoleLanguage) {
        self.language = language
    }

    func head(withOrder: Bool) -> [String] {
        [of("ID", "编号"), of("Event", "事件"), of("Endpoint", "端点")] + (withOrder ? [of("Order", "订单")] : [])
            + [of("Occurred", "发生时间"), of("State", "状态"), of("Tries", "次数"), of("Last answer", "最近应答")]
    }

    func row(_ record: DeliveryRecord, withOrder: Bool) -> [Value] {
        let order = Value(record.order.text).linked(to: PagePath.order(record.order))
        return [
            Value("\(record.id)").linked(to: PagePath.webhook(record.id)), Value(record.kind.rawValue),
            Value(record.endpoint.text)
                .noted(record.isEndpointActive ? nil : of("not configured", "未配置")),
        ] + (withOrder ? [order] : []) + [
            .time(record.occurredAt), state(record), .number(record.tries), Value(record.lastAnswer ?? "–"),
        ]
    }

    private func state(_ record: DeliveryRecord) -> Value {
        let state = Value.badge(language.name(record.state), record.state.tone)
        switch record.state {
        case .pending:
            return state.noted(of("next \(UTCTime(record.nextAt).seconds)", "下次 \(UTCTime(record.nextAt).seconds)"))
        case .delivered: return state.noted(record.deliveredAt.map { UTCTime($0).seconds })
        case .parked: return state
        }
    }

    private func of(_ english: String, _ chinese: String) -> String { language.of(english, chinese) }
}

/// The rows of a list of differences.
struct DifferenceTable: Sendable {
    private let language: ConsoleLanguage

    init(_ language: ConsoleLanguage) {
        self.language = language
    }

    var head: [String] {
        [
            of("ID", "编号"), of("Day", "账单日"), of("Channel", "渠道"), of("Kind", "类型"), of("Number", "编号"),
            of("Here", "我方"), of("There", "账单"), of("State", "状态"),
        ]
    }

    func row(_ difference: RecordedDifference) -> [Value] {
        let finding = difference.finding
        let row = difference.row.map { of("row \($0)", "第 \($0) 行") }
        let number = finding.refundNumber ?? finding.transactionID ?? finding.tradeNumber ?? row ?? "–"
        return [
            Value("\(difference.id)").linked(to: PagePath.difference(difference.id)), Value("\(finding.day)"),
            Value(difference.channel.name), Value(language.name(finding.kind)),
            Value(number).linked(to: finding.order.map(PagePath.order)), money(finding.here), money(finding.there),
            .badge(language.name(difference.state), difference.state.tone)
                .noted(difference.decision?.note.text ?? difference.ending.map(language.name)),
        ]
    }

    func money(_ money: BookedMoney?) -> Value {
        money.map { .money($0.amount, $0.currencyCode).noted($0.status) } ?? Value(of("nothing", "无"))
    }

    private func of(_ english: String, _ chinese: String) -> String { language.of(english, chinese) }
}

/// The rows of a list of audit entries.
struct AuditTable: Sendable {
    private let language: ConsoleLanguage

    init(_ language: ConsoleLanguage) {
        self.language = language
    }

    func head(withOrder: Bool) -> [String] {
        [of("Time", "时间"), of("Who", "操作人"), of("By", "途径"), of("Action", "操作"), of("On", "对象")]
            + (withOrder ? [of("Order", "订单")] : []) + [of("Details", "详情"), of("Why", "原因")]
    }

    func row(_ entry: AuditEntry, withOrder: Bool) -> [Value] {
        let note = entry.note
        let order = Value(note.order?.text ?? "–").linked(to: note.order.map(PagePath.order))
        return [
            .time(entry.at),
            Value(note.actor.name.text)
                .linked(to: PagePath.with(PagePath.audit, [("actor", note.actor.name.text)])),
            Value(language.name(note.actor.way)).noted(note.actor.origin?.text), Value(note.action.rawValue),
            Value(note.subject),
        ] + (withOrder ? [order] : []) + [Value(note.detail ?? "–"), Value(note.reason?.text ?? "–")]
    }

    private func of(_ english: String, _ chinese: String) -> String { language.of(english, chinese) }
}

/// The rows of a list of refunds.
struct RefundTable: Sendable {
    private let language: ConsoleLanguage

    init(_ language: ConsoleLanguage) {
        self.language = language
    }

    var head: [String] {
        [
            of("Number", "退款号"), of("Order", "订单"), of("State", "状态"), of("Amount", "金额"), of("Cause", "原因"),
            of("Channel", "渠道"), of("Created", "创建时间"), of("Last refusal", "最近拒绝代码"),
        ]
    }

    func row(_ listed: ListedRefund) -> [Value] {
        let refund = listed.refund
        let order = refund.tradeNumber.order
        return [
            Value(refund.providerNumber).noted(refund.merchantNumber?.text),
            Value(order.text).linked(to: PagePath.order(order)),
            .badge(language.name(refund.state), refund.state.tone), .money(refund.money),
            Value(language.name(refund.cause)).noted(refund.reason?.text), Value(listed.channel.name),
            .time(refund.createdAt), Value(refund.providerCode ?? "–"),
        ]
    }

    private func of(_ english: String, _ chinese: String) -> String { language.of(english, chinese) }
}

/// The rows of a list of orders.
struct OrderTable: Sendable {
    private let language: ConsoleLanguage

    init(_ language: ConsoleLanguage) {
        self.language = language
    }

    var head: [String] {
        [
            of("Order", "订单"), of("State", "状态"), of("Amount", "金额"), of("Channel", "渠道"), of("User", "用户"),
            of("Subject", "商品"), of("Created", "创建时间"), of("Updated", "更新时间"),
        ]
    }

    func row(_ entry: OrderList.Entry) -> [Value] {
        let order = entry.order
        return [
            Value(order.number.text).linked(to: PagePath.order(order.number)),
            .badge(language.name(order.state.name), order.state.name.tone), .money(order.money),
            Value(order.attempts.last?.channel.name ?? "–"), Value(order.userID.text), Value(order.subject.text),
            .time(order.createdAt), .time(entry.updatedAt),
        ]
    }

    private func of(_ english: String, _ chinese: String) -> String { language.of(english, chinese) }
}
