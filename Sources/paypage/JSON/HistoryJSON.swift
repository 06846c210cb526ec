import PayAPI
import PayCore
import PayFlow

/// The JSON of one entry of an order's history. Each `what` has the fields that belong to it, and no others.
struct HistoryJSON: Encodable {
    /// To the millisecond.
    let at: String
    let what: String
    var trade_no: String?
    var channel: String?
    var terminal: String?
    var operation: String?
    var answer: String?
    var from: String?
    var to: String?
    var kind: String?
    var expires_at: Timestamp?
    var fence: Int64?
    var refund_no: String?
    var transaction_id: String?
    var outcome: String?
    var amount: Int64?
    var currency: String?
    var standing: String?
    var delivery_id: Int64?
    var endpoint: String?
    var type: String?
    var state: String?
    var tries: Int?
    var by: String?
    var reason: String?

    init(_ entry: HistoryEntry) {
        let at = UTCTime(entry.at).description
        switch entry.what {
        case .noted(let note): self.init(note, at: at)
        case .changed(let change): self.init(change, at: at)
        case .notice(let channel, let trade, let outcome):
            self.init(
                at: at, what: "notice", trade_no: trade.text, channel: channel.name, outcome: outcome.rawValue)
        case .money(let recorded):
            let receipt = recorded.receipt
            self.init(
                at: at, what: "money", trade_no: receipt.tradeNumber.text, channel: receipt.channel.name,
                transaction_id: receipt.transactionID.text, amount: receipt.amount, currency: receipt.currencyCode,
                standing: recorded.standing.rawValue)
        case .told(let record):
            self.init(
                at: at, what: "webhook", delivery_id: record.id.number, endpoint: record.endpoint.text,
                type: record.kind.rawValue,
                state: record.state.rawValue, tries: record.tries)
        }
    }

    private init(_ note: HistoryNote, at: String) {
        switch note {
        case .asked(let channel, let terminal):
            self.init(at: at, what: "asked", channel: channel.name, terminal: terminal.rawValue)
        case .closeAsked:
            self.init(at: at, what: "close_asked")
        case .called(let operation, let trade, let answer):
            self.init(
                at: at, what: "called", trade_no: trade.text, operation: operation.rawValue, answer: answer)
        case .ruled(let ruling, let transactionID, let trade):
            self.init(
                at: at, what: "ruled", trade_no: trade.text, answer: ruling.verdict.rawValue,
                transaction_id: transactionID.text, by: ruling.by.text, reason: ruling.reason.text)
        }
    }

    private init(_ change: OrderChange, at: String) {
        switch change {
        case .made:
            self.init(at: at, what: "made")
        case .moved(let to):
            self.init(at: at, what: "moved", from: OrderStateName.new.rawValue, to: to.rawValue)
        case .attemptBegan(let trade, let channel, let terminal):
            self.init(
                at: at, what: "attempt_began", trade_no: trade.text, channel: channel.name, terminal: terminal.rawValue)
        case .attemptMoved(let trade, let from, let to):
            self.init(
                at: at, what: "attempt_moved", trade_no: trade.text, from: from.rawValue, to: to.rawValue)
        case .pageMinted(let trade, let kind, let terminal, let expiresAt):
            self.init(
                at: at, what: "page_minted", trade_no: trade.text, terminal: terminal.rawValue, kind: kind.rawValue,
                expires_at: Timestamp(expiresAt))
        case .pageEnded(let trade, let terminal):
            self.init(at: at, what: "page_ended", trade_no: trade.text, terminal: terminal.rawValue)
        case .takenOver(let fence):
            self.init(at: at, what: "taken_over", fence: fence.number)
        case .refundWritten(let number, let trade, let state):
            self.init(
                at: at, what: "refund_written", trade_no: trade.text, to: state.rawValue, refund_no: number)
        case .refundMoved(let number, let trade, let from, let to):
            self.init(
                at: at, what: "refund_moved", trade_no: trade.text, from: from.rawValue, to: to.rawValue,
                refund_no: number)
        case .receiptJudged(let transactionID, let trade, let standing):
            self.init(
                at: at, what: "receipt_judged", trade_no: trade.text, from: ReceiptStanding.disputed.rawValue,
                to: standing.rawValue, transaction_id: transactionID.text)
        }
    }

    private init(
        at: String, what: String, trade_no: String? = nil, channel: String? = nil, terminal: String? = nil,
        operation: String? = nil, answer: String? = nil, from: String? = nil, to: String? = nil, kind: String? = nil,
        expires_at: Timestamp? = nil, fence: Int64? = nil, refund_no: String? = nil, transaction_id: String? = nil,
        outcome: String? = nil, amount: Int64? = nil, currency: String? = nil, standing: String? = nil,
        delivery_id: Int64? = nil, endpoint: String? = nil, type: String? = nil, state: String? = nil,
        tries: Int? = nil,
        by: String? = nil, reason: String? = nil
    ) {
        self.at = at
        self.what = what
        self.trade_no = trade_no
        self.channel = channel
        self.terminal = terminal
        self.operation = operation
        self.answer = answer
        self.from = from
        self.to = to
        self.kind = kind
        self.expires_at = expires_at
        self.fence = fence
        self.refund_no = refund_no
        self.transaction_id = transaction_id
        self.outcome = outcome
        self.amount = amount
        self.currency = currency
        self.standing = standing
        self.delivery_id = delivery_id
        self.endpoint = endpoint
        self.type = type
        self.state = state
        self.tries = tries
        self.by = by
        self.reason = reason
    }
}
