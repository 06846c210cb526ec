import PayAPI
import PayCore
import PayFlow

/// A table of orders.
struct OrderTable {
    private let list: OrderList

    init(_ list: OrderList) {
        self.list = list
    }

    var text: String {
        guard !list.entries.isEmpty else { return "no orders" }
        let table = TextTable(
            head: ["ORDER", "STATE", "MONEY", "CHANNEL", "USER", "CREATED", "UPDATED"],
            rows: list.entries.map { entry in
                let order = entry.order
                return [
                    order.number.text, order.state.name.rawValue, "\(order.money)",
                    order.attempts.last?.channel.name ?? "-", PlainText(order.userID.text).description,
                    Timestamp(order.createdAt).text, Timestamp(entry.updatedAt).text,
                ]
            })
        guard let next = list.next else { return table.text }
        return table.text + "\nmore orders follow: --cursor \(next.text)"
    }
}

/// The JSON of `paypage orders list` and `paypage orders find`.
struct OrderListJSON: Encodable {
    let payments: [OrderJSON]
    let next_cursor: String?

    init(_ list: OrderList) {
        payments = list.entries.map { OrderJSON($0.order, updatedAt: $0.updatedAt) }
        next_cursor = list.next?.text
    }
}
