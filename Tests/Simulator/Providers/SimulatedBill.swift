import PayCore
import PayFlow

/// A provider's bill of one day, made from its own books.
struct SimulatedBill {
    let day: BillDay
    private(set) var rows: [BillRow] = []

    /// - Parameter skew: how far the bill's clock is ahead of the provider's.
    init(of books: Books, on day: BillDay, skew: Duration) {
        self.day = day
        for number in books.numbers {
            guard let trade = books.trades[number], let payment = trade.payment else { continue }
            add(.payment, .succeeded, payment, nil, payment.amount, at: payment.paidAt, skew)
            for given in trade.refunds {
                if books.style.billsAcceptedRefunds {
                    add(.refund, .accepted, payment, given.number, given.amount, at: given.acceptedAt, skew)
                    continue
                }
                guard given.everArrives else { continue }
                add(.refund, .succeeded, payment, given.number, given.amount, at: given.arrivesAt, skew)
                if let isOverAt = given.isOverAt {
                    add(.refund, .failed, payment, given.number, given.amount, at: isOverAt, skew)
                }
            }
        }
    }

    private mutating func add(
        _ kind: BillLine.Kind, _ status: BillLine.Status, _ payment: Receipt, _ refundNumber: String?, _ amount: Int64,
        at instant: Instant, _ skew: Duration
    ) {
        guard day.contains(instant + skew) else { return }
        rows.append(
            .line(
                BillLine(
                    row: rows.count + 1, kind: kind, status: status, tradeNumber: payment.tradeNumber.text,
                    transactionID: payment.transactionID.text, refundNumber: refundNumber, amount: amount,
                    currencyCode: payment.currencyCode, feeMicros: nil, at: instant)))
    }

    /// A payment of another system at the same account, and a row about no payment.
    mutating func addStrangers() {
        rows.append(.other(row: rows.count + 1, type: "payout"))
        rows.append(
            .line(
                BillLine(
                    row: rows.count + 1, kind: .payment, status: .succeeded, tradeNumber: "till-7/\(day)",
                    transactionID: "tx_till_\(day)", amount: 500, currencyCode: "CNY", feeMicros: nil, at: day.start)))
    }

    /// The first issue of a bill that the provider corrects later: a row is missing, or can't be read.
    mutating func spoil(_ dice: Dice) {
        guard !rows.isEmpty else { return }
        let place = dice.int(0...rows.count - 1)
        if dice.chance(0.5) {
            rows[place] = .unreadable(row: place + 1, why: "amount")
        } else {
            rows.remove(at: place)
            rows = rows.enumerated().map { $1.moved(to: $0 + 1) }
        }
    }

    /// The same for the same rows (FNV-1a).
    var digest: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in rows.map(\.spelled).joined(separator: "\n").utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        let text = String(hash, radix: 16)
        return String(repeating: "0", count: 64 - text.count) + text
    }
}

extension BillRow: Spelled {
    var spelled: String {
        switch self {
        case .line(let line):
            "\(line.row) \(line.kind) \(line.status) \(line.tradeNumber) \(line.refundNumber ?? "") \(line.amount)"
        case .other(let row, let type): "\(row) \(type)"
        case .unreadable(let row, let why): "\(row) unreadable: \(why)"
        }
    }

    fileprivate func moved(to row: Int) -> BillRow {
        switch self {
        case .line(let line):
            .line(
                BillLine(
                    row: row, kind: line.kind, status: line.status, tradeNumber: line.tradeNumber,
                    transactionID: line.transactionID, refundNumber: line.refundNumber, amount: line.amount,
                    currencyCode: line.currencyCode, feeMicros: nil, at: line.at))
        case .other(_, let type): .other(row: row, type: type)
        case .unreadable(_, let why): .unreadable(row: row, why: why)
        }
    }
}

extension BillAnswer: Spelled {
    var spelled: String {
        switch self {
        case .bill(let file): "\(file.rows) rows, \(file.digest.suffix(8))"
        case .noneThatDay: "none that day"
        case .notReady(let reason): "not ready: \(reason)"
        case .refused(let reason): "refused: \(reason)"
        case .unknown: "unknown"
        }
    }
}
