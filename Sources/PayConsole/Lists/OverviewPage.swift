import Hummingbird
import PayAPI
import PayCore
import PayFlow

/// The front page: everything that waits for a person, in work lists.
struct OverviewPage: Sendable {
    /// Of each kind. The count says how many there are.
    private static let longestList = 20

    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [.get("/console", role: .viewer) { visit, _ in try await overview(visit) }]
    }

    private func overview(_ visit: ConsoleVisit) async throws -> ConsoleAnswer {
        let attention = try await parts.store.attention(at: visit.now, limit: Self.longestList)
        let language = visit.language
        let title = language.words.frame.overview
        let kinds = AttentionKind.allCases.filter { (attention.counts[$0] ?? 0) > 0 }
            .sorted { $0.severity < $1.severity }
        let blocks =
            [summary(attention, kinds, language)] + kinds.map { list(of: $0, attention, language, at: visit.now) }
        return .page(ConsolePage(title, in: .overview, BlocksView(heading: title, blocks: blocks)))
    }

    private func summary(_ attention: Attention, _ kinds: [AttentionKind], _ language: ConsoleLanguage) -> Block {
        var block = Block("waiting", language.of("Waiting for a person", "等待人工处理"))
        guard !kinds.isEmpty else {
            block.isAllWell = true
            block.empty = language.of("All is well: nothing waits for a person.", "一切正常：没有需要人工处理的事项。")
            return block
        }
        block.facts = Facts(
            kinds.map { kind in
                Fact(
                    language.name(kind),
                    .badge("\(attention.counts[kind] ?? 0)", kind.severity.tone)
                        .linked(to: "#\(kind.rawValue)").noted(language.name(kind.severity)))
            })
        return block
    }

    private func list(
        of kind: AttentionKind, _ attention: Attention, _ language: ConsoleLanguage, at now: Instant
    ) -> Block {
        var block = Block(kind.rawValue, "\(language.name(kind)) (\(attention.counts[kind] ?? 0))")
        let names = [
            language.of("What", "事项"), language.of("Details", "详情"), language.of("Amount", "金额"),
            language.of("Waits", "已等待"),
        ]
        block.table = Table(
            language.name(kind), names,
            attention.items.filter { $0.kind == kind }.map { item in
                row(item.matter, language) + [
                    Value(language.age(of: item.since, at: now)).noted(UTCTime(item.since).seconds)
                ]
            })
        let omitted = attention.omitted(kind)
        if omitted > 0 {
            block.lead = language.of(
                "The longest waiting. \(omitted) more are not listed here.", "仅列出等待最久的。另有 \(omitted) 项未列出。")
            block.links = more(kind).map { [BlockLink(linkText: language.of("All", "全部"), linkHref: $0)] } ?? []
        }
        return block
    }

    /// The list that has all things of the kind.
    private func more(_ kind: AttentionKind) -> String? {
        switch kind {
        case .refundFailed: "\(PagePath.refunds)?state=\(RefundState.failed.rawValue)"
        case .refundNeedsAttention: "\(PagePath.refunds)?state=\(RefundState.needsAttention.rawValue)"
        case .difference: PagePath.reconciliation
        case .webhookParked: "\(PagePath.webhooks)?state=\(DeliveryState.parked.rawValue)"
        case .circuitOpen, .channelPaused: PagePath.channels
        case .dispute, .unknownRefusal, .certificateEnds, .diskNearlyFull, .backupMissing: nil
        }
    }

    /// The thing, its details and its money.
    private func row(_ matter: AttentionItem.Matter, _ language: ConsoleLanguage) -> [Value] {
        switch matter {
        case .dispute(let receipt):
            let account = receipt.namesOurAccount ? "" : language.of(", another account", "，其他账户")
            return [
                Value(receipt.transactionID.text).linked(to: PagePath.order(receipt.tradeNumber.order)),
                Value(
                    language.of(
                        "does not match \(receipt.tradeNumber) at \(receipt.channel)\(account)",
                        "与 \(receipt.channel) 的 \(receipt.tradeNumber) 不符\(account)")),
                .money(receipt.amount, receipt.currencyCode),
            ]
        case .refund(let listed):
            let refund = listed.refund
            return [
                Value(refund.providerNumber).linked(to: PagePath.order(refund.tradeNumber.order)),
                Value(
                    [listed.channel.name, language.name(refund.state), refund.providerCode].compactMap { $0 }
                        .joined(separator: ", ")),
                .money(refund.money),
            ]
        case .difference(let difference):
            let finding = difference.finding
            let money = finding.here ?? finding.there
            return [
                Value("\(difference.id)").linked(to: PagePath.difference(difference.id)),
                Value("\(difference.channel), \(finding.day), \(language.name(finding.kind))"),
                money.map { .money($0.amount, $0.currencyCode) } ?? .none,
            ]
        case .circuitOpen(let channel):
            return [
                Value(channel.name).linked(to: PagePath.channel(channel)),
                Value(language.of("the provider does not answer, calls are paused", "渠道无响应，调用已暂停")), .none,
            ]
        case .unknownRefusal(let trade, let channel, let answer):
            return [
                Value(trade.text).linked(to: PagePath.order(trade.order)), Value("\(channel): \(answer)"), .none,
            ]
        case .webhookParked(let record):
            return [
                Value("\(record.id)").linked(to: PagePath.webhook(record.id)),
                Value("\(record.kind.rawValue), \(record.order)" + (record.lastAnswer.map { ": \($0)" } ?? "")), .none,
            ]
        case .certificateEnds(let channel, let name, let end):
            return [
                Value(channel.name).linked(to: PagePath.channel(channel)),
                Value(
                    language.of(
                        "certificate \(name) ends \(UTCTime(end).seconds)", "证书 \(name) 将于 \(UTCTime(end).seconds) 到期")),
                .none,
            ]
        case .backupMissing(let reason):
            return [Value(language.of("Backup", "备份")), Value(reason), .none]
        case .diskNearlyFull(let folder):
            return [
                Value(folder), Value(language.of("the disk of this folder is nearly full", "该目录所在磁盘即将写满")), .none,
            ]
        case .channelPaused(let channel):
            return [
                Value(channel.name).linked(to: PagePath.channel(channel)),
                Value(language.of("creates no new attempts", "不再创建新的支付单")), .none,
            ]
        }
    }
}
