import PayCore
package import PayFlow

/// The JSON of everything that waits for a person.
package struct AttentionAnswer: Encodable {
    package struct Item: Encodable {
        let kind: String
        let severity: String
        let since: Timestamp
        let out_trade_no: String?
        let channel: String?
        var trade_no: String?
        var transaction_id: String?
        var refund_no: String?
        var difference_id: Int64?
        var delivery_id: Int64?
        var certificate: String?
        var ends_at: Timestamp?
        let detail: String
        /// The command that decides it.
        let command: String

        package init(_ item: AttentionItem) {
            kind = item.kind.rawValue
            severity = item.kind.severity.rawValue
            since = Timestamp(item.since)
            out_trade_no = item.order?.text
            channel = item.channel?.name
            detail = item.words
            command = item.command
            switch item.matter {
            case .dispute(let receipt):
                trade_no = receipt.tradeNumber.text
                transaction_id = receipt.transactionID.text
            case .refund(let listed):
                trade_no = listed.refund.tradeNumber.text
                transaction_id = listed.refund.transactionID.text
                refund_no = listed.refund.publicNumber
            case .unknownRefusal(let trade, _, _):
                trade_no = trade.text
            case .difference(let difference):
                difference_id = difference.id.number
                trade_no = difference.finding.tradeNumber
                transaction_id = difference.finding.transactionID
                refund_no = difference.finding.refundNumber
            case .webhookParked(let record):
                delivery_id = record.id.number
            case .certificateEnds(_, let name, let end):
                certificate = name
                ends_at = Timestamp(end)
            case .circuitOpen, .channelPaused, .diskNearlyFull, .backupMissing:
                break
            }
        }
    }

    let items: [Item]
    /// The number of all things of each kind, also of those that the list leaves out.
    let counts: [String: Int]

    package init(_ attention: Attention) {
        items = attention.items.map(Item.init)
        counts = Dictionary(
            uniqueKeysWithValues: AttentionKind.allCases.map { ($0.rawValue, attention.counts[$0] ?? 0) })
    }
}
