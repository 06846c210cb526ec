import PayAPI
import PayCore
import PayFlow

/// The answer of `paypage reconcile`.
struct ReconcileReport {
    let channel: Channel
    let day: BillDay
    let fetched: FetchedBill
    /// Nil if no fetch of the bill ever began.
    let bill: RecordedBill?
    /// Of all days of the channel.
    let openDifferences: Int

    private struct Document: Encodable {
        let result: String
        let reason: String?
        let open_differences: Int
        let reconciliation: BillAnswerBody?
    }

    var json: some Encodable {
        Document(
            result: fetched.name, reason: fetched.reason, open_differences: openDifferences,
            reconciliation: bill.map(BillAnswerBody.init))
    }

    var text: String {
        ([headline] + figures + (fetched.isLoaded ? [differences] : [])).joined(separator: "\n")
    }

    private var headline: String {
        let subject = "\(channel) \(day)"
        switch fetched {
        case .loaded: return "\(subject): bill loaded"
        case .unchanged: return "\(subject): the bill is the one that was loaded before"
        case .none: return "\(subject): the provider has no bill of this day"
        case .notReady(let reason): return "\(subject): no bill yet (\(PlainText(reason))); try again in an hour"
        case .refused(let reason):
            return "\(subject): the provider refused the bill (\(PlainText(reason))); check the account's permissions"
        case .unknown(let reason): return "\(subject): no answer (\(PlainText(reason))); try again"
        case .inProgress: return "\(subject): another process fetches the bill; see paypage reconcile list"
        case .noSource, .dayNotOver: return "\(subject): no bill"
        }
    }

    private var figures: [String] {
        guard let bill, bill.state == .loaded else { return [] }
        let rows: [(String, Int, String)] = [
            ("rows", bill.figures.rows, ""),
            ("matched", bill.figures[.matched], ""),
            ("waiting", bill.figures[.waiting], "for the bill of the next day"),
            ("differences", bill.figures[.difference], ""),
            ("foreign", bill.figures[.foreign], "of other systems at the same account"),
            ("other", bill.figures[.other], "not about payments or refunds"),
            ("unreadable", bill.figures[.unreadable], ""),
        ]
        return rows.map { name, count, remark in
            let line = "  \(name)\(String(repeating: " ", count: 12 - name.count))\(count)"
            return remark.isEmpty || count == 0 ? line : "\(line)  \(remark)"
        }
    }

    private var differences: String {
        openDifferences == 0
            ? "no open differences"
            : "open differences: \(openDifferences); see paypage differences list --state open --channel \(channel)"
    }

    /// The reason why the command fails; nil if it does not.
    var failure: String? {
        switch fetched {
        case .noSource: "\(channel) has no bills, or is not configured: paypage channels list prints the channels"
        case .dayNotOver: "\(day) is not over in China (UTC+8): a bill has whole days"
        case .loaded, .unchanged, .none, .notReady, .refused, .unknown, .inProgress: nil
        }
    }
}

extension FetchedBill {
    /// The word in JSON.
    fileprivate var name: String {
        switch self {
        case .loaded: "loaded"
        case .unchanged: "unchanged"
        case .none: "none"
        case .notReady: "not_ready"
        case .refused: "refused"
        case .unknown: "unknown"
        case .inProgress: "in_progress"
        case .noSource: "no_source"
        case .dayNotOver: "day_not_over"
        }
    }

    fileprivate var reason: String? {
        switch self {
        case .notReady(let reason), .refused(let reason), .unknown(let reason): reason
        case .loaded, .unchanged, .none, .inProgress, .noSource, .dayNotOver: nil
        }
    }
}

/// A table of bills.
struct BillTable {
    private let bills: [RecordedBill]

    init(_ bills: [RecordedBill]) {
        self.bills = bills
    }

    var text: String {
        guard !bills.isEmpty else { return "no bills" }
        let head = [
            "CHANNEL", "DAY", "STATE", "ROWS", "MATCHED", "WAITING", "DIFFERENCES", "FOREIGN", "UNREADABLE", "TRIED",
            "LAST ANSWER",
        ]
        return TextTable(head: head, rows: bills.map(cells)).text
    }

    private func cells(_ bill: RecordedBill) -> [String] {
        let standings: [RowStanding] = [.matched, .waiting, .difference, .foreign, .unreadable]
        let counts = ["\(bill.figures.rows)"] + standings.map { "\(bill.figures[$0])" }
        let state = bill.state != .wanted && bill.comparedAt == nil ? "\(bill.state), comparing" : "\(bill.state)"
        return [bill.channel.name, "\(bill.day)", state] + (bill.state == .loaded ? counts : counts.map { _ in "-" })
            + [
                bill.triedAt.map { UTCTime($0).description } ?? "-",
                bill.lastAnswer.map { PlainText($0).description } ?? "-",
            ]
    }
}
