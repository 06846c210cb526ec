import PayCore
package import PayFlow

/// A day's bill in an answer.
package struct BillAnswerBody: Encodable {
    let channel: String
    let date: String
    let state: String
    let digest: String?
    let loaded_at: Timestamp?
    let compared_at: Timestamp?
    let tried_at: Timestamp?
    let last_answer: String?
    /// The rows by their standing. Only for a loaded bill.
    let rows: Rows?

    struct Rows: Encodable {
        let total: Int
        let matched: Int
        let waiting: Int
        let differences: Int
        let foreign: Int
        let other: Int
        let unreadable: Int

        init(_ figures: BillFigures) {
            total = figures.rows
            matched = figures[.matched]
            waiting = figures[.waiting]
            differences = figures[.difference]
            foreign = figures[.foreign]
            other = figures[.other]
            unreadable = figures[.unreadable]
        }
    }

    package init(_ bill: RecordedBill) {
        channel = bill.channel.name
        date = bill.day.description
        state = bill.state.rawValue
        digest = bill.digest
        loaded_at = bill.loadedAt.map(Timestamp.init)
        compared_at = bill.comparedAt.map(Timestamp.init)
        tried_at = bill.triedAt.map(Timestamp.init)
        last_answer = bill.lastAnswer
        rows = bill.state == .loaded ? Rows(bill.figures) : nil
    }
}

/// A difference in an answer.
package struct DifferenceAnswerBody: Encodable {
    let id: Int64
    let channel: String
    let kind: String
    let date: String
    let row: Int?
    let out_trade_no: String?
    let trade_no: String?
    let transaction_id: String?
    let refund_no: String?
    let here: Side?
    let there: Side?
    let state: String
    let opened_at: Timestamp
    let note: String?
    let decided_by: String?
    let decided_at: Timestamp?
    let closed_at: Timestamp?
    let ending: String?

    struct Side: Encodable {
        let amount: Int64
        let currency: String
        let status: String

        init(_ money: BookedMoney) {
            amount = money.amount
            currency = money.currencyCode
            status = money.status
        }
    }

    package init(_ difference: RecordedDifference) {
        let finding = difference.finding
        id = difference.id.number
        channel = difference.channel.name
        kind = finding.kind.rawValue
        date = finding.day.description
        row = difference.row
        out_trade_no = finding.order?.text
        trade_no = finding.tradeNumber
        transaction_id = finding.transactionID
        refund_no = finding.refundNumber
        here = finding.here.map(Side.init)
        there = finding.there.map(Side.init)
        state = difference.state.rawValue
        opened_at = Timestamp(difference.openedAt)
        note = difference.decision?.note.text
        decided_by = difference.decision?.by.text
        decided_at = difference.decision.map { Timestamp($0.at) }
        closed_at = difference.closedAt.map(Timestamp.init)
        ending = difference.ending?.rawValue
    }
}

package struct BillListAnswer: Encodable {
    let reconciliations: [BillAnswerBody]
    let next_cursor: String?

    package init(_ list: BillList) {
        reconciliations = list.bills.map(BillAnswerBody.init)
        next_cursor = list.next?.text
    }
}

package struct DifferenceListAnswer: Encodable {
    let differences: [DifferenceAnswerBody]
    let next_cursor: String?

    package init(_ list: DifferenceList) {
        differences = list.differences.map(DifferenceAnswerBody.init)
        next_cursor = list.next?.description
    }
}

extension BillCursor {
    /// The API's spelling. Callers must treat it as opaque.
    var text: String { "\(day).\(channel)" }

    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let day = BillDay(String(parts[0])), let channel = Channel(String(parts[1])) else {
            return nil
        }
        self.init(day: day, channel: channel)
    }
}
