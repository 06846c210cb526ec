import Hummingbird
import PayAPI
import PayCore
import PayFlow

/// The latest refunds, by state.
struct RefundPages: Sendable {
    private static let longestList = 200

    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [.get("/console/refunds", role: .viewer) { visit, _ in try await list(visit) }]
    }

    private func list(_ visit: ConsoleVisit) async throws -> ConsoleAnswer {
        let language = visit.language
        let state = visit.queryFields.only("state").flatMap(RefundState.init(rawValue:))
        let refunds = try await parts.store.refunds(in: state, limit: Self.longestList)
        let title = language.of("Refunds", "退款")
        var filter = Block("filter", language.of("Filter", "筛选"))
        let states =
            [(value: "", text: language.of("any", "全部"))]
            + RefundState.allCases.map { ($0.rawValue, language.name($0)) }
        filter.forms = [
            FormBlock.asking(
                "state", PagePath.refunds,
                [.choice("state", language.of("State", "状态"), states, chosen: state?.rawValue ?? "")],
                submit: language.of("Show", "显示")
            ).inline()
        ]
        var block = Block("refunds", language.of("Refunds, the latest first", "退款，最新在前"))
        if refunds.isEmpty {
            block.empty = language.of("No refund.", "没有退款。")
        } else {
            let table = RefundTable(language)
            block.table = Table(title, table.head, refunds.map(table.row))
        }
        if refunds.count == Self.longestList {
            block.lead = language.of(
                "The latest \(Self.longestList). Search an older refund by its number.",
                "最近 \(Self.longestList) 笔。更早的退款请按退款号搜索。")
        }
        return .page(ConsolePage(title, in: .refunds, BlocksView(heading: title, blocks: [filter, block])))
    }
}
