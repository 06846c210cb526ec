import Foundation
import HTTPTypes
import Hummingbird
import PayAPI
import PayCore
import PayFlow

/// The days' bills, and the differences between the bills and the books.
struct ReconciliationPages: Sendable {
    private static let pageLength = 50
    private static let daysShown = 60

    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [
            .get("/console/reconciliation", role: .viewer) { visit, _ in try await list(visit) },
            .get("/console/reconciliation/differences/{id}", role: .viewer) { try await difference($0, $1) },
            .post("/console/reconciliation/differences/{id}/explain", role: .operator) {
                try await decide(.explain, $0, $1, $2)
            },
            .post("/console/reconciliation/differences/{id}/close", role: .operator) {
                try await decide(.close, $0, $1, $2)
            },
        ]
    }

    private func list(_ visit: ConsoleVisit) async throws -> ConsoleAnswer {
        let (fields, language) = (visit.queryFields, visit.language)
        let state = fields.only("state").map { DifferenceState(rawValue: $0) } ?? .some(.open)
        let kind = fields.only("kind").flatMap(DifferenceKind.init(rawValue:))
        let channel = fields.only("channel").flatMap(Channel.init)
        let after = fields.only("after").flatMap { Int64($0) }.flatMap { DifferenceID($0) }
        let found = try await parts.store.differences(
            DifferenceListing(state: state, channel: channel, kind: kind, limit: Self.pageLength, after: after))
        let bills = try await parts.store.bills(BillListing(channel: channel, limit: Self.daysShown))
        let title = language.of("Reconciliation", "对账")
        let blocks = [
            filter(state, kind, channel, language),
            differences(found, (state, kind, channel), language), days(bills.bills, language),
        ]
        return .page(ConsolePage(title, in: .reconciliation, BlocksView(heading: title, blocks: blocks)))
    }

    private func filter(
        _ state: DifferenceState?, _ kind: DifferenceKind?, _ channel: Channel?, _ language: ConsoleLanguage
    ) -> Block {
        var block = Block("filter", language.of("Filter", "筛选"))
        let any = (value: "", text: language.of("any", "全部"))
        block.forms = [
            FormBlock.asking(
                "show", PagePath.reconciliation,
                [
                    .choice(
                        "state", language.of("State", "状态"),
                        [any] + DifferenceState.allCases.map { ($0.rawValue, language.name($0)) },
                        chosen: state?.rawValue ?? ""),
                    .choice(
                        "kind", language.of("Kind", "类型"),
                        [any] + DifferenceKind.allCases.map { ($0.rawValue, language.name($0)) },
                        chosen: kind?.rawValue ?? ""),
                    .text("channel", language.of("Channel", "渠道"), value: channel?.name ?? ""),
                ], submit: language.of("Show", "显示")
            ).inline()
        ]
        return block
    }

    private func differences(
        _ found: DifferenceList, _ filter: (state: DifferenceState?, kind: DifferenceKind?, channel: Channel?),
        _ language: ConsoleLanguage
    ) -> Block {
        var block = Block("differences", language.of("Differences, the latest first", "差异，最新在前"))
        if found.differences.isEmpty {
            block.isAllWell = filter.state == .open
            block.empty =
                filter.state == .open
                ? language.of("No open difference: bills and books agree.", "没有未处理的差异：账单与账簿一致。")
                : language.of("No difference fits.", "没有符合条件的差异。")
        } else {
            let table = DifferenceTable(language)
            block.table = Table(block.blockTitle, table.head, found.differences.map(table.row))
        }
        if let next = found.next {
            let path = PagePath.with(
                PagePath.reconciliation,
                [
                    ("kind", filter.kind?.rawValue ?? ""), ("channel", filter.channel?.name ?? ""),
                    ("after", "\(next)"),
                ])
            // The empty state stands for any, and none for open.
            let state = "state=\(filter.state?.rawValue ?? "")"
            block.links = [
                BlockLink(linkText: language.of("Older differences", "更早的差异"), linkHref: "\(path)&\(state)")
            ]
        }
        return block
    }

    private func days(_ bills: [RecordedBill], _ language: ConsoleLanguage) -> Block {
        var block = Block("days", language.of("Bills by day", "每日账单"))
        guard !bills.isEmpty else {
            block.empty = language.of("No bill was fetched yet.", "尚未获取账单。")
            return block
        }
        let standings: [RowStanding] = [.matched, .waiting, .difference, .foreign, .unreadable]
        block.table = Table(
            block.blockTitle,
            [
                language.of("Day", "账单日"), language.of("Channel", "渠道"), language.of("State", "状态"),
                language.of("Rows", "行数"),
            ]
                + standings.map { language.name($0) } + [
                    language.of("Fetched", "获取时间"), language.of("Last answer", "最近应答"),
                ],
            bills.map { bill -> [Value] in
                let isComparing = bill.state != .wanted && bill.comparedAt == nil
                let state = Value.badge(language.name(bill.state), bill.state == .wanted ? .warn : .calm)
                return [
                    Value("\(bill.day)"), Value(bill.channel.name),
                    state.noted(isComparing ? language.of("comparing", "比对中") : nil), .number(bill.figures.rows),
                ] + standings.map { .number(bill.figures[$0]) } + [
                    bill.triedAt.map { .time($0) } ?? .none, Value(bill.lastAnswer ?? "–"),
                ]
            })
        return block
    }

    private func difference(
        _ visit: ConsoleVisit, _ who: SignedIn, note: String = "", fault: String? = nil
    ) async throws -> ConsoleAnswer {
        guard let id = visit.differenceID, let difference = try await parts.store.difference(id) else {
            return .notFound
        }
        let (finding, language) = (difference.finding, visit.language)
        let title = language.of("Difference \(id)", "差异 \(id)")
        let table = DifferenceTable(language)
        var facts = Block("particulars", language.of("Particulars", "基本信息"))
        facts.facts = Facts([
            Fact(language.of("Kind", "类型"), Value(language.name(finding.kind))),
            Fact(
                language.of("State", "状态"),
                .badge(language.name(difference.state), difference.state.tone)
                    .noted(difference.ending.map(language.name))),
            Fact(language.of("Day", "账单日"), Value("\(finding.day)")),
            Fact(language.of("Channel", "渠道"), Value(difference.channel.name)),
            Fact(language.of("Here", "我方"), table.money(finding.here)),
            Fact(language.of("In the bill", "账单"), table.money(finding.there)),
            Fact(language.of("Order", "订单"), finding.order.map { Value($0.text).linked(to: PagePath.order($0)) }),
            Fact(language.of("Attempt", "支付单"), finding.tradeNumber.map { Value($0) }),
            Fact(language.of("Transaction", "渠道交易号"), finding.transactionID.map { Value($0) }),
            Fact(language.of("Refund", "退款号"), finding.refundNumber.map { Value($0) }),
            Fact(language.of("Row of the bill", "账单行"), difference.row.map { .number($0) }),
            Fact(language.of("Opened", "发现时间"), .time(difference.openedAt)),
            Fact(language.of("Closed", "关闭时间"), difference.closedAt.map { .time($0) }),
            Fact(
                language.of("Note", "说明"),
                difference.decision.map { Value($0.note.text).noted("\($0.by), \(UTCTime($0.at).seconds)") }),
        ])
        let view = BlocksView(
            heading: title,
            crumbs: [Crumb(crumbText: language.of("Reconciliation", "对账"), crumbHref: PagePath.reconciliation)],
            blocks: [facts, decision(difference, who, note, fault, language)])
        return .page(ConsolePage(title, in: .reconciliation, view), fault == nil ? .ok : .unprocessableContent)
    }

    /// The forms that decide the difference, or the reason why it can't be decided.
    private func decision(
        _ difference: RecordedDifference, _ who: SignedIn, _ note: String, _ fault: String?,
        _ language: ConsoleLanguage
    ) -> Block {
        var block = Block("actions", language.of("Actions", "可执行的操作"))
        let names = [language.of("Explain", "说明原因"), language.of("Close for good", "永久关闭")]
        let closed =
            difference.state == .closed
            ? language.of("Not possible: the difference is closed, which is final.", "无法操作：差异已关闭，不可更改。") : nil
        if let why = language.whyNot(who.role, needs: .operator) ?? closed {
            block.actionList = ActionList(
                actions: names.map { ActionList.Action(actionName: $0, actionHref: nil, why: why) })
            return block
        }
        block.lead = language.of(
            "An explained difference closes by itself when both sides agree. A closed one is never opened again.",
            "已说明的差异在双方一致时会自动关闭；手动关闭后不会再打开。")
        let path = PagePath.difference(difference.id)
        let seen = FormField.hidden("seen", difference.mark)
        func text() -> FormField {
            .words("note", language.of("Note", "说明"), value: note, longest: DifferenceNote.longest).required()
                .faulted(fault)
        }
        block.forms = [
            .changing("explain", "\(path)/explain", [seen, text()], submit: names[0]),
            FormBlock.changing("close", "\(path)/close", [seen, text()], submit: names[1]).grave(),
        ]
        return block
    }

    private func decide(
        _ verdict: DifferenceDecision.Verdict, _ visit: ConsoleVisit, _ who: SignedIn, _ form: FormFields
    ) async throws -> ConsoleAnswer {
        guard let id = visit.differenceID, let difference = try await parts.store.difference(id) else {
            return .notFound
        }
        let (language, path) = (visit.language, PagePath.difference(id))
        let text = (form.only("note") ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
        guard let note = DifferenceNote(text) else {
            let fault = language.of(
                "Write a note of 1 to \(DifferenceNote.longest) characters on one line.",
                "请填写说明，1 至 \(DifferenceNote.longest) 个字符，不可换行。")
            return try await self.difference(visit, who, note: text, fault: fault)
        }
        guard form.only("seen") == difference.mark else {
            return .redirect(
                to: path,
                saying: .warning(
                    language.of(
                        "Nothing was changed: the difference has changed since the page was opened.",
                        "未做更改：页面打开后该差异已被更新。")))
        }
        let actor = visit.actor(who)
        let decision = DifferenceDecision(id, verdict, note: note, by: actor.name)
        switch try await parts.store.decide(decision, by: actor, at: visit.now) {
        case .decided(let decided):
            let state = language.name(decided.state)
            return .redirect(
                to: path, saying: .done(language.of("The difference is \(state).", "差异状态：\(state)。")))
        case .alreadyClosed:
            return .redirect(
                to: path,
                saying: .failed(
                    language.of("Not possible: the difference is closed, which is final.", "无法操作：差异已关闭，不可更改。")))
        case nil: return .notFound
        }
    }
}

extension RecordedDifference {
    /// Changes with each decision, so that a form that is submitted twice decides once.
    fileprivate var mark: String { "\(state.rawValue) \(decision?.at.milliseconds ?? 0)" }
}

extension ConsoleVisit {
    fileprivate var differenceID: DifferenceID? { parameter("id").flatMap { Int64($0) }.flatMap { DifferenceID($0) } }
}
