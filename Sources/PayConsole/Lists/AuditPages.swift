import Hummingbird
import PayAPI
import PayCore
import PayFlow

/// The record of every change by a person, the latest first.
struct AuditPages: Sendable {
    private static let pageLength = 100

    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [.get("/console/audit", role: .viewer) { visit, _ in try await list(visit) }]
    }

    private func list(_ visit: ConsoleVisit) async throws -> ConsoleAnswer {
        let (fields, language) = (visit.queryFields, visit.language)
        let text = (actor: fields.only("actor") ?? "", order: fields.only("order") ?? "")
        let (actor, order) = (PersonName(text.actor), OrderNumber(text.order))
        let action = fields.only("action").flatMap(AuditAction.init(rawValue:))
        let before = fields.only("before").flatMap { Int64($0) }
        let isFaulty = (actor == nil && !text.actor.isEmpty) || (order == nil && !text.order.isEmpty)
        let entries =
            isFaulty
            ? []
            : try await parts.store.auditEntries(
                AuditListing(actor: actor, action: action, order: order, before: before, limit: Self.pageLength))
        let title = language.of("Audit", "审计")
        var filter = Block("filter", language.of("Filter", "筛选"))
        let actions =
            [(value: "", text: language.of("any", "全部"))]
            + AuditAction.allCases.sorted { $0.rawValue < $1.rawValue }.map { ($0.rawValue, $0.rawValue) }
        filter.forms = [
            FormBlock.asking(
                "entries", PagePath.audit,
                [
                    .text("actor", language.of("Who", "操作人"), value: text.actor),
                    .choice("action", language.of("Action", "操作"), actions, chosen: action?.rawValue ?? ""),
                    .text("order", language.of("Order", "订单"), value: text.order),
                ], submit: language.of("Show", "显示")
            ).inline()
        ]
        var block = Block("entries", language.of("Changes by people, the latest first", "人工操作，最新在前"))
        if entries.isEmpty {
            block.empty = language.of("No entry fits.", "没有符合条件的记录。")
        } else {
            let table = AuditTable(language)
            block.table = Table(title, table.head(withOrder: true), entries.map { table.row($0, withOrder: true) })
        }
        if entries.count == Self.pageLength, let last = entries.last {
            let path = PagePath.with(
                PagePath.audit,
                [
                    ("actor", text.actor), ("action", action?.rawValue ?? ""), ("order", text.order),
                    ("before", "\(last.id)"),
                ])
            block.links = [BlockLink(linkText: language.of("Older entries", "更早的记录"), linkHref: path)]
        }
        return .page(ConsolePage(title, in: .audit, BlocksView(heading: title, blocks: [filter, block])))
    }
}
