import ArgumentParser
import PayCore
import PayFlow

/// The refund that a command is about.
struct RefundChoice: ParsableArguments {
    /// More orders than these have no number in common, unless a merchant counts its refunds per order.
    private static let mostNamed = 20

    @Argument(help: "The refund's number: the shop's refund_no, or the number that the provider knows.")
    var number: String

    @Option(help: "The order's out_trade_no, if several orders have a refund of this number.")
    var order: OrderNumber?

    /// Throws an error that says how to go on, if the number leads to no refund or to several.
    func refund(in ledger: any OrderReads & OrderNaming) async throws -> (Order, Refund) {
        let orders = try await orders(ledger)
        guard let first = orders.first else { throw CommandFailure(unknown) }
        guard orders.count == 1 else {
            let lines = orders.map { "  --order \($0)" }
            throw CommandFailure(
                (["\(orders.count) orders have a refund \(PlainText(number)), add one of:"] + lines)
                    .joined(separator: "\n"))
        }
        guard let order = try await ledger.order(first), let refund = order.refund(named: number) else {
            throw CommandFailure(unknown)
        }
        return (order, refund)
    }

    var unknown: String { "no refund \(PlainText(number)): see paypage refunds list" }

    private func orders(_ ledger: any OrderNaming) async throws -> [OrderNumber] {
        if let order { return [order] }
        if let own = OwnRefundNumber(number) { return [own.trade.order] }
        let named = try await ledger.ordersNamed(number, limit: Self.mostNamed)
        let ofRefunds = named.filter { if case .refund = $0.bearer { true } else { false } }
        return Set(ofRefunds.map(\.order)).sorted { $0.text < $1.text }
    }
}
