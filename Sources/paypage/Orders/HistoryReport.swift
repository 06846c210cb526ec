import Foundation
import PayAPI
import PayConsole
import PayCore
import PayFlow

/// The history of an order as text: one line per entry, by day and UTC time of day. It contains no page content.
struct HistoryReport {
    private let entries: [HistoryEntry]
    private let words: HistoryWords

    init(_ entries: [HistoryEntry], of order: OrderNumber) {
        self.entries = entries
        words = .english(of: order)
    }

    var text: String {
        var lines = ["history, times in UTC"]
        var day = ""
        for entry in entries {
            let at = UTCTime(entry.at)
            if at.day != day {
                day = at.day
                lines.append("  \(day)")
            }
            let (what, detail) = words.describe(entry)
            lines.append(
                "    \(at.time)  \(what.padding(toLength: 7, withPad: " ", startingAt: 0))  \(PlainText(detail))")
        }
        return (entries.isEmpty ? lines + ["  no entries"] : lines).joined(separator: "\n")
    }
}
