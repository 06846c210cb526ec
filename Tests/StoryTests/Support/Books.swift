import PayProviders

/// An order in our books, as in the merchant's list.
struct BookedOrder: Decodable, Sendable {
    struct Attempt: Decodable, Sendable {
        let trade_no: String
        let channel: String
        let state: String
    }

    struct Receipt: Decodable, Sendable {
        let trade_no: String
        let amount: Int
        let standing: String
    }

    struct Refund: Decodable, Sendable {
        let refund_no: String
        let trade_no: String
        let amount: Int
        let state: String
        let cause: String
    }

    let out_trade_no: String
    let state: String
    let amount: Int
    let attempts: [Attempt]
    let receipts: [Receipt]
    let refunds: [Refund]

    /// The state of each attempt, by its number within the order.
    var attemptStates: [String] { attempts.map { "\($0.trade_no.dropFirst(out_trade_no.count)) \($0.state)" } }
}

/// A trade in the sandbox's books, with its money.
struct BookedTrade: Decodable, Sendable {
    struct Refund: Decodable, Sendable {
        let refund_no: String
        let amount: Int
    }

    let trade_no: String
    let state: String
    let amount: Int
    let creates: Int
    let refunded: Int
    let refunds: [Refund]

    var isPaid: Bool { state == "paid" || state == "refunded" }

    /// The amount that the provider still has.
    var kept: Int { isPaid ? amount - refunded : 0 }

    var order: String { trade_no.lastIndex(of: "_").map { String(trade_no[..<$0]) } ?? trade_no }
}

/// Our books and the sandbox's, read one after the other.
struct Books: Sendable {
    let orders: [BookedOrder]
    let trades: [String: [BookedTrade]]

    private struct OrderList: Decodable {
        let payments: [BookedOrder]
        let next_cursor: String?
    }

    private struct TradeList: Decodable {
        let trades: [BookedTrade]
    }

    /// A list of some thousand trades is larger than any provider's answer.
    private static let limits = CurlTransport.Limits(totalTimeout: .seconds(60), answerBytes: 64 << 20)

    static func read(_ service: Service, _ sandbox: Sandbox) async throws -> Books {
        var orders: [String: BookedOrder] = [:]
        var cursor: String?
        repeat {
            let path = "/v1/payments?limit=200\(cursor.map { "&cursor=\($0)" } ?? "")"
            let list = try await service.call(.get, path).read(OrderList.self)
            for order in list.payments { orders[order.out_trade_no] = order }
            cursor = list.next_cursor
        } while cursor != nil
        let transport = CurlTransport(limits: limits)
        let request = ProviderRequest(method: .get, url: "\(sandbox.client.base)/trades")
        let trades = try await transport.send(request).read(TradeList.self).trades
        await transport.close()
        return Books(
            orders: orders.values.sorted { $0.out_trade_no < $1.out_trade_no },
            trades: Dictionary(grouping: trades, by: \.order))
    }

    /// Reads the books until they agree, and every refund is finished. Throws the disagreements otherwise.
    static func agree(
        _ service: Service, _ sandbox: Sandbox, within limit: Duration = .seconds(60)
    ) async throws -> Books {
        let last = Watched<[String]>(["never read"])
        do {
            return try await poll("the books agree", within: limit, every: .milliseconds(250)) {
                let books = try await read(service, sandbox)
                let found = books.disagreements
                last.update { $0 = found }
                return found.isEmpty ? books : nil
            }
        } catch is TookTooLong {
            throw Disagreement(found: last.now)
        }
    }

    struct Disagreement: Error, CustomStringConvertible {
        let found: [String]

        var description: String {
            "the books don't agree in \(found.count) things:\n\(found.prefix(20).joined(separator: "\n"))"
        }
    }

    /// The disagreements, one per line; none if both books agree.
    var disagreements: [String] {
        let known = Set(orders.map(\.out_trade_no))
        let strangers = trades.keys.filter { !known.contains($0) }.map { "\($0): no such order here" }
        return strangers
            + orders.flatMap { order in
                Comparison(order: order, trades: trades[order.out_trade_no] ?? []).lines
                    .map { "\(order.out_trade_no) (\(order.state), \(order.attemptStates)): \($0)" }
            }
    }

    func count(where fits: (BookedOrder) -> Bool) -> Int { orders.count(where: fits) }
}

/// One order in both books.
private struct Comparison {
    let order: BookedOrder
    let trades: [BookedTrade]

    var lines: [String] { attempts + payable + money + refunds }

    private func attempt(_ trade: BookedTrade) -> String? {
        order.attempts.first { $0.trade_no == trade.trade_no }?.state
    }

    /// Every trade is an attempt of ours, no attempt is unfinished, and every state is correct.
    private var attempts: [String] {
        var lines = order.attempts.filter { ["creating", "closing"].contains($0.state) }
            .map { "\($0.trade_no) is stuck \($0.state)" }
        lines += trades.filter { attempt($0) == nil }.map { "\($0.trade_no) is no attempt of ours" }
        lines += trades.filter { attempt($0) == "closed" && $0.state == "unpaid" }
            .map { "\($0.trade_no) is closed here and can be paid there" }
        lines += trades.filter { attempt($0) == "open" && $0.state == "closed" }
            .map { "\($0.trade_no) is open here and closed there" }
        return lines
    }

    /// At most one offered trade is payable; none of an order that is over.
    private var payable: [String] {
        let unpaid = trades.filter { $0.state == "unpaid" }
        let offered = unpaid.filter { attempt($0) != "closed" && attempt($0) != "exposed" }
        var lines = offered.count > 1 ? ["\(offered.map(\.trade_no)) can all be paid"] : []
        if order.state == "paid", !unpaid.isEmpty { lines.append("paid, and \(unpaid.map(\.trade_no)) can be paid") }
        if order.state != "new", !offered.isEmpty { lines.append("over, and \(offered.map(\.trade_no)) is offered") }
        return lines
    }

    /// Every payment is one receipt, and one of them is honest if the order is paid. The kept amount is the order's
    /// amount without the merchant's refunds, or nothing.
    private var money: [String] {
        let paid = trades.filter(\.isPaid).map(\.trade_no).sorted()
        let received = order.receipts.map(\.trade_no).sorted()
        var lines = paid == received ? [] : ["paid there: \(paid), receipts here: \(received)"]
        let honest = order.receipts.count { $0.standing == "honest" }
        let isPaid = order.state == "paid"
        if honest != (isPaid ? 1 : 0) { lines.append("\(honest) honest receipts") }
        lines += order.receipts.filter { $0.amount != order.amount || $0.standing == "disputed" }
            .map { "\($0.trade_no) has a receipt of \($0.amount), \($0.standing)" }
        let kept = trades.map(\.kept).reduce(0, +)
        let returned = order.refunds.filter { $0.cause == "merchant" }.map(\.amount).reduce(0, +)
        if kept != (isPaid ? order.amount - returned : 0) { lines.append("the provider keeps \(kept)") }
        return lines
    }

    /// Every other payment has one refund, which the provider has made, as it has made the merchant's.
    private var refunds: [String] {
        let due = order.receipts.filter { $0.standing != "honest" }.map(\.trade_no).sorted()
        let begun = order.refunds.filter { $0.cause != "merchant" }.map(\.trade_no).sorted()
        var lines = due == begun ? [] : ["to be given back: \(due), refunds: \(begun)"]
        lines += order.refunds.filter { $0.state != "succeeded" }.map { "\($0.refund_no) is \($0.state)" }
        let made = trades.flatMap(\.refunds).map(\.refund_no).sorted()
        let known = order.refunds.map(\.refund_no).sorted()
        if made != known { lines.append("refunds there: \(made), here: \(known)") }
        return lines
    }
}
