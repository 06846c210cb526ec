public import PayCore

/// The result of a person's decision about disputed money.
public enum DisputeResult: Sendable {
    case decided(RulingOutcome, Order)
    case noSuchOrder
}

/// Decides a dispute by a person's word, and stores who decided and why in the order's history.
public struct DecideDispute: Sendable {
    private let decisions: any OrderDecisions
    private let clock: any PayClock
    private let observer: any FlowObserver

    public init(_ flows: Flows) {
        self.init(decisions: flows.parts.decisions, clock: flows.parts.clock, observer: flows.parts.observer)
    }

    /// For a process without providers: a decision calls none.
    public init(decisions: any OrderDecisions, clock: any PayClock, observer: any FlowObserver) {
        self.decisions = decisions
        self.clock = clock
        self.observer = observer
    }

    /// - Parameters:
    ///   - transactionID: the provider's number of the disputed payment.
    ///   - actor: the caller. A call of the merchant's back end can name another person in its ruling.
    public func callAsFunction(
        _ ruling: DisputeRuling, on transactionID: TransactionID, of number: OrderNumber, by actor: Actor
    ) async throws -> DisputeResult {
        let clock = clock
        let result = try await decisions.update(number, creating: nil, at: clock.now()) { order in
            // Two channels can use the same number.
            let named = order.receipts.filter { $0.receipt.transactionID == transactionID }
            let disputed = named.first { $0.standing == .disputed }
            guard let receipt = (disputed ?? named.first)?.receipt else {
                return Decision(DisputeResult.decided(.refused(.noSuchReceipt), order))
            }
            let trade = receipt.tradeNumber
            let outcome = try order.decideDispute(transactionID, of: trade, ruling.verdict, at: clock.now())
            if case .refused = outcome { return Decision(.decided(outcome, order)) }
            return Decision(
                .decided(outcome, order), noting: [.ruled(ruling, transactionID, of: trade)],
                audit: ruling.note(on: receipt, by: actor))
        }
        guard let result else { return .noSuchOrder }
        observe(result, transactionID)
        return result
    }

    private func observe(_ result: DisputeResult, _ transactionID: TransactionID) {
        guard case .decided(.accepted(let action), let order) = result,
            let receipt = order.receipts.first(where: { $0.receipt.transactionID == transactionID })?.receipt
        else { return }
        observer.saw(action.observations(receipt.channel, receipt.tradeNumber))
    }
}

extension DisputeRuling {
    fileprivate func note(on receipt: Receipt, by actor: Actor) -> AuditNote {
        let action: AuditAction =
            switch verdict {
            case .accept: .disputeAccepted
            case .refund: .disputeRefunded
            }
        let money = "\(receipt.amount) \(receipt.currencyCode)"
        return AuditNote(
            actor, action, on: receipt.transactionID.text, of: receipt.tradeNumber.order, because: reason,
            detail: AuditNote.particulars(money, decidedBy: by, through: actor))
    }
}
