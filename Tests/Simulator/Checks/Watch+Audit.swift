import PayCore
import PayFlow

extension Watch {
    /// Whether the commit stored an entry for what a person or the shop did, and only for that.
    func checkAudit(_ audit: AuditNote?, _ order: Order, _ before: Order?) {
        if audit?.action == .orderClosed { closesInAudit.insert(order.number) }
        let requested = order.refunds.dropFirst(before?.refunds.count ?? 0).filter { $0.cause == .merchant }
        for refund in requested where audit?.action != .refundRequested || audit?.subject != refund.providerNumber {
            world.fail(.handsAreKnown, "\(refund.number) was requested, and the entry is \(spelled(audit))")
        }
        if order.state.name == .closed, !closesInAudit.contains(order.number) {
            world.fail(.handsAreKnown, "\(order.number) was closed without an entry")
        }
        guard let audit else { return }
        let isTrue =
            switch audit.action {
            case .refundRequested: requested.count == 1
            case .orderClosed: order != before
            case .disputeAccepted, .disputeRefunded: order.receipts != before?.receipts
            default: false
            }
        if !isTrue { world.fail(.handsAreKnown, "nothing happened to \(order.number) for \(spelled(audit))") }
    }

    private func spelled(_ audit: AuditNote?) -> String {
        audit.map { "\($0.action.rawValue) of \($0.subject)" } ?? "missing"
    }
}
