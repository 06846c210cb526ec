import PayAPI
import PayCore
import PayFlow

/// Builds the page of an order.
struct OrderView: Sendable {
    let record: OrderRecord
    let actions: OrderActions
    let now: Instant

    private var order: Order { record.order }
    private var language: ConsoleLanguage { actions.language }

    func page() throws -> BlocksView {
        BlocksView(
            heading: of("Order \(order.number)", "订单 \(order.number)"),
            headingBadge: Badge(language.name(order.state.name), order.state.name.tone),
            blocks: [particulars, try possibleActions, attempts, payments, refunds, webhooks] + differences
                + [history, audit])
    }

    private var particulars: Block {
        var block = Block("particulars", of("Particulars", "基本信息"))
        let currency = order.payment?.receipt.currencyCode ?? order.money.currency.code
        block.facts = Facts([
            Fact(of("Amount", "金额"), .money(order.money)),
            Fact(of("State", "状态"), .badge(language.name(order.state.name), order.state.name.tone)),
            Fact(of("Subject", "商品"), Value(order.subject.text)),
            Fact(
                of("User", "用户"),
                Value(order.userID.text).linked(to: PagePath.with(PagePath.search, [("q", order.userID.text)]))),
            Fact(of("Created", "创建时间"), .time(order.createdAt)),
            Fact(of("Deadline", "支付截止"), .time(order.deadline, note: timeLeft)),
            Fact(
                of("Refunded", "已退款"),
                order.refunded > 0 ? .money(order.refunded, currency) : nil),
            Fact(
                of("Left to refund", "可退金额"),
                order.payment == nil ? nil : .money(order.refundable, currency)),
        ])
        return block
    }

    private var timeLeft: String? {
        guard order.state == .new else { return nil }
        let left = order.deadline - now
        guard left > .zero else { return of("over", "已到期") }
        return of("\(left.secondsToWait) s left", "剩余 \(left.secondsToWait) 秒")
    }

    private var possibleActions: Block {
        get throws {
            var block = Block("actions", of("Actions", "可执行的操作"))
            block.actionList = ActionList(
                actions: try actions.all.map { action in
                    let possibility = try actions.possibility(of: action)
                    return ActionList.Action(
                        actionName: actions.title(of: action),
                        actionHref: possibility == .possible ? action.path(of: order.number) : nil, why: possibility.why
                    )
                })
            return block
        }
    }

    private var attempts: Block {
        var block = Block("attempts", of("Attempts and pages", "支付单与页面"))
        let rows = order.attempts.reversed().map { attempt -> [Value] in
            [
                Value(attempt.number.text).noted(attempt.reference.map { "\($0)" }),
                .badge(language.name(attempt.state.name), attempt.state.name.tone),
                Value(attempt.channel.name).linked(to: PagePath.channels),
                Value(attempt.request.terminal.rawValue), .time(attempt.createdAt),
                .time(attempt.request.providerDeadline), Value(pages(of: attempt)),
            ]
        }
        block.table =
            rows.isEmpty
            ? nil
            : Table(
                block.blockTitle,
                [
                    of("Number", "编号"), of("State", "状态"), of("Channel", "渠道"), of("Terminal", "终端"),
                    of("Created", "创建时间"), of("Provider deadline", "渠道截止时间"), of("Pages", "页面"),
                ], rows)
        block.empty = rows.isEmpty ? of("No attempt was made.", "没有支付单。") : nil
        return block
    }

    /// Kind, terminal and expiry of each page. Its content is never shown: it can take money.
    private func pages(of attempt: Attempt) -> String {
        guard !attempt.pages.isEmpty else { return "–" }
        return attempt.pages.map { page in
            let until = UTCTime(page.expiresAt).seconds
            let ended = page.isFresh(at: now) ? of("until", "有效至") : of("expired", "已失效于")
            return "\(page.kind.rawValue) \(page.terminal.rawValue), \(ended) \(until)"
        }.joined(separator: "; ")
    }

    private var payments: Block {
        var block = Block("payments", of("Payments", "支付"))
        let rows = order.receipts.map { recorded -> [Value] in
            let receipt = recorded.receipt
            return [
                Value(receipt.transactionID.text)
                    .noted(receipt.namesOurAccount ? nil : of("names another account", "属于其他账户")),
                .badge(language.name(recorded.standing), recorded.standing.tone),
                .money(receipt.amount, receipt.currencyCode), Value(receipt.channel.name),
                Value(receipt.tradeNumber.text), .time(receipt.paidAt), .time(recorded.recordedAt),
            ]
        }
        block.table =
            rows.isEmpty
            ? nil
            : Table(
                block.blockTitle,
                [
                    of("Transaction", "渠道交易号"), of("Counts as", "认定"), of("Amount", "金额"), of("Channel", "渠道"),
                    of("Attempt", "支付单"), of("Paid", "支付时间"), of("Recorded", "入账时间"),
                ], rows)
        block.empty = rows.isEmpty ? of("No money has arrived.", "尚无款项到账。") : nil
        return block
    }

    private var refunds: Block {
        var block = Block("refunds", of("Refunds", "退款"))
        let rows = order.refunds.map { refund -> [Value] in
            [
                Value(refund.providerNumber).noted(refund.merchantNumber?.text),
                .badge(language.name(refund.state), refund.state.tone), .money(refund.money),
                Value(language.name(refund.cause)).noted(refund.reason?.text), .time(refund.createdAt),
                refund.refundedAt.map { .time($0) } ?? .none, Value(refund.providerCode ?? "–"),
            ]
        }
        block.table =
            rows.isEmpty
            ? nil
            : Table(
                block.blockTitle,
                [
                    of("Number", "退款号"), of("State", "状态"), of("Amount", "金额"), of("Cause", "原因"),
                    of("Created", "创建时间"), of("Refunded", "退款时间"), of("Last refusal", "最近拒绝代码"),
                ], rows)
        block.empty = rows.isEmpty ? of("No refund was made.", "没有退款。") : nil
        return block
    }

    private var webhooks: Block {
        var block = Block("webhooks", of("Webhooks to the shop", "商城通知"))
        let table = WebhookTable(language)
        block.table =
            record.deliveries.isEmpty
            ? nil
            : Table(
                block.blockTitle, table.head(withOrder: false),
                record.deliveries.map { table.row($0, withOrder: false) })
        block.empty = record.deliveries.isEmpty ? of("No webhook of this order.", "该订单没有商城通知。") : nil
        return block
    }

    /// No section without a difference.
    private var differences: [Block] {
        guard !record.differences.isEmpty else { return [] }
        var block = Block("differences", of("Differences with bills", "对账差异"))
        let table = DifferenceTable(language)
        block.table = Table(block.blockTitle, table.head, record.differences.map(table.row))
        return [block]
    }

    private var history: Block {
        var block = Block("history", of("History", "历史"))
        let words = HistoryWords(language, of: order.number)
        var days: [(day: String, entries: [Timeline.Entry])] = []
        for entry in record.history {
            let at = UTCTime(entry.at)
            let (what, detail) = words.describe(entry)
            if days.last?.day != at.day { days.append((at.day, [])) }
            days[days.count - 1].entries.append(
                Timeline.Entry(
                    at: at.description, clock: at.time, what: what, detail: detail, isOfPerson: entry.isOfPerson))
        }
        block.lead = of("Times are in UTC.", "时间均为 UTC。")
        block.timeline = Timeline(days: days.map { Timeline.Day(day: $0.day, entries: $0.entries) })
        block.empty = days.isEmpty ? of("No entries.", "没有记录。") : nil
        return block
    }

    private var audit: Block {
        var block = Block("audit", of("Changes by people", "人工操作记录"))
        let table = AuditTable(language)
        block.table =
            record.audit.isEmpty
            ? nil
            : Table(
                block.blockTitle, table.head(withOrder: false), record.audit.map { table.row($0, withOrder: false) })
        block.empty = record.audit.isEmpty ? of("This order was never changed by hand.", "没有人工操作。") : nil
        return block
    }

    private func of(_ english: String, _ chinese: String) -> String { language.of(english, chinese) }
}

extension HistoryEntry {
    /// Whether a person made the entry, rather than a provider, a buyer or the clock.
    fileprivate var isOfPerson: Bool {
        switch what {
        case .noted(.ruled): true
        case .noted, .changed, .notice, .money, .told: false
        }
    }
}
