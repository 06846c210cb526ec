import PayCore

extension SettleAction {
    /// The observations about money that arrived by a notice, a query or a close.
    func observations(_ channel: Channel, _ tradeNumber: TradeNumber) -> [Observation] {
        switch self {
        case .paid: [.orderEntered(.paid, tradeNumber.order)]
        case .duplicate: [.duplicatePayment(channel, tradeNumber)]
        case .late: [.latePayment(channel, tradeNumber)]
        case .returned: [.returnedPayment(channel, tradeNumber)]
        case .disputed: [.needsPerson(channel, trade: tradeNumber.text)]
        case .unknownTrade: [.needsPerson(channel, trade: tradeNumber.text)]
        case .alreadyRecorded: []
        case .afterLastWord(let action):
            [.brokenWord(channel, tradeNumber)] + action.observations(channel, tradeNumber)
        }
    }
}
