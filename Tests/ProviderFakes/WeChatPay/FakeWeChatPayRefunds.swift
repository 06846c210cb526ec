import PayCore
import PayFlow

/// WeChat's rules about refunds.
extension FakeWeChatPayDesk {
    private static let mostRefunds = 50
    /// In UTF-16 units.
    private static let longestReason = 80

    func refund(_ body: [UInt8]) throws(FakeWeChatPayRefusal) -> Answer {
        guard let asked = FakeWeChatPayWire.decode(FakeWeChatPayWire.Refund.self, body),
            asked.out_refund_no.wholeMatch(of: /[0-9A-Za-z_\-|*@]{1,64}/) != nil, asked.amount.refund > 0,
            asked.amount.currency == "CNY", (asked.reason ?? "").utf16.count <= Self.longestReason,
            asked.notify_url.map(isAddress) != false
        else { throw FakeWeChatPayRefusal(400, "PARAM_ERROR") }
        let payment = asked.transaction_id
        guard let known = books.first(where: { payment != nil && $0.transactionID == payment }) else {
            throw FakeWeChatPayRefusal(404, "RESOURCE_NOT_EXISTS")
        }
        // The total is the whole payment's, also for a refund in part.
        guard known.amount == asked.amount.total else { throw FakeWeChatPayRefusal(400, "PARAM_ERROR") }
        if let same = known.refunds.first(where: { $0.number == asked.out_refund_no }) {
            guard same.amount == asked.amount.refund else { throw FakeWeChatPayRefusal(400, "INVALID_REQUEST") }
            return try follow(asked.out_refund_no)
        }
        guard known.refunds.count < Self.mostRefunds else { throw FakeWeChatPayRefusal(400, "INVALID_REQUEST") }
        guard known.kept >= asked.amount.refund else { throw FakeWeChatPayRefusal(400, "INVALID_REQUEST") }
        guard mayRefundAgain(known.number) else { throw FakeWeChatPayRefusal(429, "FREQUENCY_LIMITED") }
        guard enter(asked.out_refund_no, asked.amount.refund, of: known.number) else {
            throw FakeWeChatPayRefusal(400, "INVALID_REQUEST")
        }
        return try follow(asked.out_refund_no)
    }

    /// Whether the trade has the money and no refund of that number.
    private func enter(_ number: String, _ amount: Int64, of tradeNumber: String) -> Bool {
        let now = clock.now()
        return books.update(tradeNumber) { trade in
            guard let current = trade, current.kept >= amount, !current.refunds.contains(where: { $0.number == number })
            else { return false }
            trade?.refunds.append(FakeTrade.Refund(number: number, amount: amount, isDone: false, at: now))
            return true
        }
    }

    func refundInConsole(_ tradeNumber: String, _ amount: Int64) throws -> String {
        let number = "console|\(next())@wx"
        guard enter(number, amount, of: tradeNumber) else { throw FakeProblem("\(tradeNumber) can't be refunded") }
        return number
    }

    func follow(_ number: String) throws(FakeWeChatPayRefusal) -> Answer {
        guard let (trade, refund) = books.refund(number) else {
            throw FakeWeChatPayRefusal(404, "RESOURCE_NOT_EXISTS")
        }
        let standing = FakeWeChatPayWire.RefundStanding(
            refund_id: "5\(trade.transactionID ?? "")", out_refund_no: number,
            transaction_id: trade.transactionID ?? "", out_trade_no: trade.number, channel: "ORIGINAL",
            user_received_account: "支付用户零钱", success_time: refund.doneAt.map(FakeWeChatPayWire.time),
            create_time: FakeWeChatPayWire.time(refund.at ?? clock.now()), status: refund.state.wire,
            amount: FakeWeChatPayWire.RefundAmount(
                refund: refund.amount, total: trade.amount, currency: trade.currency))
        return .done(status: 200, body: FakeWeChatPayWire.encode(standing))
    }
}

extension FakeTrade.Refund.State {
    /// WeChat's name of the state.
    var wire: String {
        switch self {
        case .underWay: "PROCESSING"
        case .done: "SUCCESS"
        case .closed: "CLOSED"
        case .abnormal: "ABNORMAL"
        }
    }
}

extension FakeWeChatPay {
    public func finishRefund(_ refundNumber: String) async throws {
        try desk.books.endRefund(refundNumber, .done, at: clock.now())
    }

    public func closeRefund(_ refundNumber: String) async throws {
        try desk.books.endRefund(refundNumber, .closed, at: clock.now())
    }

    /// The buyer's bank rejects a refund. Its money stays with WeChat until a person decides.
    public func strandRefund(_ refundNumber: String) throws {
        try desk.books.endRefund(refundNumber, .abnormal, at: clock.now())
    }

    public func refundInConsole(_ tradeNumber: String, amount: Int64) throws -> String {
        try desk.refundInConsole(tradeNumber, amount)
    }
}
