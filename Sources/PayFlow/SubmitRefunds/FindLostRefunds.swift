import PayCore

/// Takes in the merchant's refunds of a payment that a restore of the database lost. The provider knows them by the
/// numbers that follow the known ones.
struct FindLostRefunds: Sendable {
    let parts: FlowParts

    /// Throws ``ForeignRefundUnconfirmed`` if an answer is not known: no refund is requested then.
    func run(of trade: TradeNumber, payment: TransactionID) async throws {
        var absent: Set<String> = []
        while true {
            guard let order = try await parts.reads.order(trade.order), let attempt = order.attempt(trade) else {
                throw OrderVanished(number: trade.order)
            }
            guard let next = order.lostRefundNumbers(of: trade).first(where: { !absent.contains($0) }) else { return }
            let outcome = try await TakeInRefund(parts: parts).run(next, of: attempt, payment: payment)
            switch outcome {
            case .takenIn: break
            // Of any other answer, the number stays free. It is asked about once.
            case nil, .known, .unknownPayment, .otherRefund: absent.insert(next)
            }
        }
    }
}
