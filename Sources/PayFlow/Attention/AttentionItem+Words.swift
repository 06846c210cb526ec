public import PayCore

extension AttentionItem {
    /// The event and its thing in one line, for a person. The line may contain a provider's text.
    public var words: String {
        switch matter {
        case .dispute(let receipt):
            "payment \(receipt.transactionID) of \(receipt.amount) \(receipt.currencyCode) does not match "
                + "\(receipt.tradeNumber)" + (receipt.namesOurAccount ? "" : ": it names another account")
        case .refund(let listed):
            "refund \(listed.refund.providerNumber) of \(listed.refund.money) "
                + (listed.refund.state == .failed ? "failed" : "is refused by the provider, and retried")
                + (listed.refund.providerCode.map { ": \($0)" } ?? "")
        case .difference(let difference):
            text(of: difference)
        case .circuitOpen(let channel):
            "the provider of \(channel) does not answer, calls are paused"
        case .unknownRefusal(let trade, _, let answer):
            "\(trade) may take money, and the provider refuses calls about it: \(answer)"
        case .webhookParked(let record):
            "webhook \(record.kind.rawValue) of \(record.order) was not delivered in \(record.tries) tries"
                + (record.lastAnswer.map { ": \($0)" } ?? "")
        case .certificateEnds(_, let name, let end):
            "the last known certificate \(name) ends on \(CivilTime(end).text { $0.writeTimestamp(to: &$1) })"
        case .backupMissing(let reason):
            "no good copy of the database: \(reason)"
        case .channelPaused(let channel):
            "\(channel) creates no new attempts"
        case .diskNearlyFull(let folder):
            "the disk of \(folder) is nearly full; payments fail when it is full"
        }
    }

    /// The command that decides the thing, or that shows what to decide.
    public var command: String {
        switch matter {
        case .dispute(let receipt): decision(about: receipt)
        case .refund(let listed) where listed.refund.cause.isOurs:
            "paypage refunds retry \(listed.refund.providerNumber)"
        case .refund(let listed): "paypage orders show \(listed.refund.tradeNumber.order)"
        case .difference(let difference): "paypage differences explain \(difference.id) --note ..."
        case .circuitOpen, .certificateEnds: "paypage doctor"
        // A folder may contain anything, and a shell would interpret it.
        case .diskNearlyFull: "df -h"
        case .unknownRefusal(let trade, _, _): "paypage orders show \(trade.order)"
        case .webhookParked(let record): "paypage deliveries resend \(record.id)"
        case .backupMissing: "paypage backup FILE"
        case .channelPaused(let channel): "paypage channels resume \(channel)"
        }
    }

    private func text(of difference: RecordedDifference) -> String {
        let finding = difference.finding
        let numbers = [finding.tradeNumber, finding.transactionID, finding.refundNumber].compactMap { $0 }
        let thing = numbers.isEmpty ? "a row that can't be read" : numbers.joined(separator: " ")
        func side(_ money: BookedMoney?) -> String {
            money.map { "\($0.amount) \($0.currencyCode) \($0.status)" } ?? "nothing"
        }
        return "bill of \(finding.day): \(finding.kind.rawValue) of \(thing), here \(side(finding.here)), there "
            + side(finding.there)
    }

    /// A person chooses one of the two. The number of a payment is a provider's, so that a shell might interpret it.
    private func decision(about receipt: Receipt) -> String {
        guard receipt.transactionID.text.isASCIIAlphanumeric(or: "._-") else { return "paypage disputes list" }
        return "paypage disputes accept \(receipt.transactionID) "
            + "--order \(receipt.tradeNumber.order) --reason ..."
    }

    public var order: OrderNumber? {
        switch matter {
        case .dispute(let receipt): receipt.tradeNumber.order
        case .refund(let listed): listed.refund.tradeNumber.order
        case .difference(let difference): difference.finding.order
        case .unknownRefusal(let trade, _, _): trade.order
        case .webhookParked(let record): record.order
        case .circuitOpen, .certificateEnds, .channelPaused, .diskNearlyFull, .backupMissing: nil
        }
    }

    public var channel: Channel? {
        switch matter {
        case .dispute(let receipt): receipt.channel
        case .refund(let listed): listed.channel
        case .difference(let difference): difference.channel
        case .circuitOpen(let channel), .channelPaused(let channel): channel
        case .unknownRefusal(_, let channel, _), .certificateEnds(let channel, _, _): channel
        case .webhookParked, .diskNearlyFull, .backupMissing: nil
        }
    }
}
