import PayCore
import PayFlow
import Synchronization

/// Refunds: the call, its query, and the console.
extension FakeAlipay {
    private static let neededByRefund: Set<String> = ["trade_no", "out_request_no", "refund_amount"]

    func refund(_ content: [String: String]) -> Fields {
        guard Set(content.keys).subtracting(["refund_reason"]) == Self.neededByRefund,
            let number = content["out_request_no"], (1...64).contains(number.utf8.count),
            let amount = try? FakeAlipayWire.fen(content["refund_amount"] ?? ""), amount > 0,
            content["refund_reason"].map({ (1...256).contains($0.count) }) != false
        else { return Self.refusal("ACQ.INVALID_PARAMETER") }
        guard let trade = trade(content) else { return Self.refusal("ACQ.TRADE_NOT_EXIST") }
        let (isHeld, isFrozen) = state.withLock { ($0.holdsRefunds, $0.frozen.contains(trade.number)) }
        if isFrozen { return Self.refusal("ACQ.REASON_TRADE_BEEN_FREEZEN") }
        guard let (change, done) = enter(number, amount, of: trade, isHeld: isHeld) else {
            return Self.refusal(whyNoRefund(trade, number))
        }
        var fields: Fields = [
            ("buyer_logon_id", "xud***@126.com"), ("fund_change", change), ("out_trade_no", trade.number),
            // The sum of all refunds of the trade, not the amount of this one.
            ("refund_fee", FakeAlipayWire.yuan(done.refunded)), ("trade_no", trade.transactionID ?? ""),
        ]
        if let at = done.refunds.first(where: { $0.number == number })?.doneAt {
            fields.append(("gmt_refund_pay", FakeAlipayWire.time(at)))
        }
        return Self.success(fields)
    }

    /// Whether the call moved money (`fund_change`), and the trade afterwards. Nil if the refund is not possible.
    private func enter(
        _ number: String, _ amount: Int64, of trade: FakeTrade, isHeld: Bool
    ) -> (change: String, trade: FakeTrade)? {
        let now = clock.now()
        return books.update(trade.number) { trade in
            guard var changed = trade else { return nil }
            if let known = changed.refunds.first(where: { $0.number == number }) {
                return known.amount == amount ? ("N", changed) : nil
            }
            guard amount <= changed.kept else { return nil }
            changed.refunds.append(FakeTrade.Refund(number: number, amount: amount, isDone: !isHeld, at: now))
            if changed.kept == 0 { changed.state = .refunded }
            trade = changed
            return (isHeld ? "N" : "Y", changed)
        }
    }

    private func whyNoRefund(_ trade: FakeTrade, _ number: String) -> String {
        if trade.refunds.contains(where: { $0.number == number }) { return "ACQ.DISCORDANT_REPEAT_REQUEST" }
        if trade.state == .refunded { return "ACQ.TRADE_HAS_CLOSE" }
        return trade.isPaid ? "ACQ.REASON_TRADE_REFUND_FEE_ERR" : "ACQ.TRADE_STATUS_ERROR"
    }

    /// The time is told only to those who ask for it.
    func follow(_ content: [String: String]) -> Fields {
        guard Set(content.keys).subtracting(["query_options"]) == ["trade_no", "out_request_no"] else {
            return Self.refusal("ACQ.INVALID_PARAMETER")
        }
        guard let trade = trade(content) else { return Self.refusal("ACQ.TRADE_NOT_EXIST") }
        // A pending refund and an unknown one look the same.
        guard let refund = trade.refunds.first(where: { $0.number == content["out_request_no"] }), refund.isDone else {
            return Self.success([])
        }
        var fields: Fields = [
            ("out_request_no", refund.number), ("out_trade_no", trade.number),
            ("refund_amount", FakeAlipayWire.yuan(refund.amount)), ("refund_status", "REFUND_SUCCESS"),
            ("total_amount", FakeAlipayWire.yuan(trade.amount)), ("trade_no", trade.transactionID ?? ""),
        ]
        if let at = refund.doneAt, content["query_options"]?.contains("gmt_refund_pay") == true {
            fields.append(("gmt_refund_pay", FakeAlipayWire.time(at)))
        }
        return Self.success(fields)
    }

    public func finishRefund(_ refundNumber: String) async throws {
        try books.endRefund(refundNumber, .done, at: clock.now())
    }

    /// From now on, Alipay refuses refunds of a trade, or no longer.
    public func freeze(_ tradeNumber: String, _ isFrozen: Bool = true) {
        state.withLock { state in
            if isFrozen { state.frozen.insert(tradeNumber) } else { state.frozen.remove(tradeNumber) }
        }
    }

    public func refundInConsole(_ tradeNumber: String, amount: Int64) throws -> String {
        let refundNumber = "console\(number())"
        guard let trade = books[tradeNumber], enter(refundNumber, amount, of: trade, isHeld: false) != nil else {
            throw FakeProblem("\(tradeNumber) can't be refunded")
        }
        return refundNumber
    }

    /// A refund in part is told by a notice of its trade. A full refund is told by none.
    public func notice(ofRefund refundNumber: String) throws -> FakeNotice? {
        guard let (trade, refund) = books.refund(refundNumber), let doneAt = refund.doneAt else {
            throw FakeProblem("\(refundNumber) is not complete")
        }
        guard trade.kept > 0 else { return nil }
        return try notice(
            ofPayment: trade.number, id: "_\(refundNumber)",
            [
                "out_biz_no": refundNumber, "refund_fee": FakeAlipayWire.yuan(trade.refunded),
                "gmt_refund": "\(FakeAlipayWire.time(doneAt)).320",
            ])
    }
}
