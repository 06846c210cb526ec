import PayAPI
import PayCore
import PayFlow

/// A table of the audit's entries.
struct AuditTable {
    private let entries: [AuditEntry]
    private let next: Int64?

    /// - Parameter next: the number of the last entry, if the list goes on.
    init(_ entries: [AuditEntry], next: Int64?) {
        self.entries = entries
        self.next = next
    }

    var text: String {
        guard !entries.isEmpty else { return "no changes" }
        let head = ["ID", "TIME", "BY", "WAY", "FROM", "ACTION", "ON", "ORDER", "DETAIL", "REASON"]
        let table = TextTable(head: head, rows: entries.map(cells)).text
        return next.map { "\(table)\nmore: add --before \($0)" } ?? table
    }

    private func cells(_ entry: AuditEntry) -> [String] {
        let note = entry.note
        return [
            "\(entry.id)", Timestamp(entry.at).text, "\(PlainText(note.actor.name.text))", note.actor.way.rawValue,
            note.actor.origin.map { "\(PlainText($0.text))" } ?? "-", note.action.rawValue,
            "\(PlainText(note.subject))", note.order?.text ?? "-", note.detail.map { "\(PlainText($0))" } ?? "-",
            note.reason.map { "\(PlainText($0.text))" } ?? "-",
        ]
    }
}

/// The JSON of `paypage audit list`.
struct AuditListJSON: Encodable {
    struct Entry: Encodable {
        let id: Int64
        let at: Timestamp
        let by: String
        let way: String
        let from: String?
        let action: String
        let on: String
        let out_trade_no: String?
        let detail: String?
        let reason: String?

        init(_ entry: AuditEntry) {
            let note = entry.note
            id = entry.id
            at = Timestamp(entry.at)
            by = note.actor.name.text
            way = note.actor.way.rawValue
            from = note.actor.origin?.text
            action = note.action.rawValue
            on = note.subject
            out_trade_no = note.order?.text
            detail = note.detail
            reason = note.reason?.text
        }
    }

    let entries: [Entry]
    /// For `--before`, if the list goes on.
    let next: Int64?

    init(_ entries: [AuditEntry], next: Int64?) {
        self.entries = entries.map(Entry.init)
        self.next = next
    }
}
