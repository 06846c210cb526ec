import PayAPI
package import PayCore
package import PayFlow

/// The entries of an order's history as text, for the command line and the console. It contains no page content.
package struct HistoryWords: Sendable {
    private let language: ConsoleLanguage
    private let order: OrderNumber

    package static func english(of order: OrderNumber) -> HistoryWords { HistoryWords(.english, of: order) }

    init(_ language: ConsoleLanguage, of order: OrderNumber) {
        self.language = language
        self.order = order
    }

    /// The kind of an entry in one word, and its particulars. Both may contain a text from a provider or a person.
    package func describe(_ entry: HistoryEntry) -> (what: String, detail: String) {
        switch entry.what {
        case .noted(let note): describe(note)
        case .changed(let change): describe(change, at: entry.at)
        case .notice(let channel, let trade, let outcome):
            (
                of("notice", "渠道通知"),
                of(
                    "\(channel) about \(short(trade)): \(outcome.rawValue)",
                    "\(channel) 关于 \(short(trade))：\(outcome.rawValue)")
            )
        case .money(let recorded): (of("money", "款项"), describe(recorded))
        case .told(let record):
            (
                of("webhook", "商城通知"),
                "\(record.kind.rawValue) (delivery \(record.id)\(target(record))): \(describe(record))"
            )
        }
    }

    /// The endpoint, unless it is the one of `webhook.url`.
    private func target(_ record: DeliveryRecord) -> String {
        record.endpoint == .standard ? "" : of(" to \(record.endpoint)", "，\(record.endpoint)")
    }

    private func describe(_ note: HistoryNote) -> (what: String, detail: String) {
        switch note {
        case .asked(let channel, let terminal):
            (of("request", "请求"), "\(channel) \(terminal.rawValue)")
        case .closeAsked:
            (of("request", "请求"), of("close", "关闭订单"))
        case .called(let operation, let trade, let answer):
            (of("called", "调用渠道"), "\(operation.rawValue) \(short(trade)): \(answer)")
        case .ruled(let ruling, let transactionID, let trade):
            (
                of("decided", "人工决定"),
                of(
                    "\(ruling.verdict.rawValue) \(transactionID) of \(short(trade)), by \(ruling.by): \(ruling.reason)",
                    "\(language.name(ruling.verdict)) \(short(trade)) 的支付 \(transactionID)，"
                        + "\(ruling.by)：\(ruling.reason)")
            )
        }
    }

    private func describe(_ change: OrderChange, at instant: Instant) -> (what: String, detail: String) {
        switch change {
        case .made:
            (of("order", "订单"), of("made", "已创建"))
        case .moved(let to):
            (
                of("order", "订单"),
                move(OrderStateName.new.rawValue, to.rawValue, language.name(OrderStateName.new), language.name(to))
            )
        case .attemptBegan(let trade, let channel, let terminal):
            (
                of("attempt", "支付单"),
                of(
                    "\(short(trade)) began: \(channel) \(terminal.rawValue)",
                    "\(short(trade)) 开始：\(channel) \(terminal.rawValue)")
            )
        case .attemptMoved(let trade, let from, let to):
            (
                of("attempt", "支付单"),
                "\(short(trade)) " + move(from.rawValue, to.rawValue, language.name(from), language.name(to))
            )
        case .pageMinted(let trade, let kind, let terminal, let expiresAt):
            (
                of("page", "支付页面"),
                of(
                    "\(short(trade)) \(kind.rawValue) for \(terminal.rawValue), until \(end(expiresAt, from: instant))",
                    "\(short(trade)) \(kind.rawValue)（\(terminal.rawValue)），有效至 \(end(expiresAt, from: instant))")
            )
        case .pageEnded(let trade, let terminal):
            (
                of("page", "支付页面"),
                of(
                    "\(short(trade)) for \(terminal.rawValue) ended", "\(short(trade))（\(terminal.rawValue)）已失效")
            )
        case .takenOver(let fence):
            (
                of("lease", "租约"),
                of("expired, taken over with fence \(fence.number)", "已到期，以 fence \(fence.number) 接管")
            )
        case .refundWritten(let number, _, let state):
            (of("refund", "退款"), "\(number) \(of(state.rawValue, language.name(state)))")
        case .refundMoved(let number, _, let from, let to):
            (
                of("refund", "退款"),
                "\(number) " + move(from.rawValue, to.rawValue, language.name(from), language.name(to))
            )
        case .receiptJudged(let transactionID, let trade, let standing):
            (
                of("money", "款项"),
                of(
                    "\(short(trade)) disputed -> \(standing.rawValue), transaction \(transactionID)",
                    "\(short(trade)) 差错款 -> \(language.name(standing))，渠道交易号 \(transactionID)")
            )
        }
    }

    private func describe(_ recorded: RecordedReceipt) -> String {
        let receipt = recorded.receipt
        let trade = short(receipt.tradeNumber)
        return of(
            "\(receipt.amount) \(receipt.currencyCode) by \(trade), \(recorded.standing.rawValue), "
                + "transaction \(receipt.transactionID)",
            "\(MoneyText.text(receipt.amount, receipt.currencyCode))，\(trade)，\(language.name(recorded.standing))，"
                + "渠道交易号 \(receipt.transactionID)")
    }

    private func describe(_ record: DeliveryRecord) -> String {
        let tries = of(record.tries == 1 ? "1 try" : "\(record.tries) tries", "\(record.tries) 次尝试")
        return switch record.state {
        case .pending:
            record.tries == 0
                ? of("not sent yet", "尚未发送") : of("not delivered yet, \(tries)", "尚未送达，\(tries)")
        case .delivered: of("delivered, \(tries)", "已送达，\(tries)")
        case .parked: of("parked, \(tries)", "已搁置，\(tries)")
        }
    }

    private func move(_ from: String, _ to: String, _ chineseFrom: String, _ chineseTo: String) -> String {
        of("\(from) -> \(to)", "\(chineseFrom) -> \(chineseTo)")
    }

    /// `_1`: the order's number is in the head.
    private func short(_ trade: TradeNumber) -> String {
        trade.order == order ? "_\(trade.sequence)" : trade.text
    }

    private func end(_ instant: Instant, from beginning: Instant) -> String {
        let end = UTCTime(instant)
        return end.day == UTCTime(beginning).day ? end.time : "\(end.day) \(end.time)"
    }

    private func of(_ english: String, _ chinese: String) -> String { language.of(english, chinese) }
}
