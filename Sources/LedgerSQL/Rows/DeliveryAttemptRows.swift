import PayCore
import PayFlow
import PayRecords

/// The table `delivery_attempts`: the last tries of each delivery.
enum DeliveryAttemptRows {
    private static let columns = Columns(
        table: "delivery_attempts",
        names: ["delivery_id", "number", "began_at", "took", "outcome", "status", "answer", "excerpt"])

    private static let latestFirst =
        "SELECT \(columns.selected) FROM delivery_attempts WHERE delivery_id = ? ORDER BY number DESC"

    private static let removingOld = "DELETE FROM delivery_attempts WHERE delivery_id = ? AND number <= ?"

    /// Stores a try, and deletes the oldest one of too many.
    static func append(_ made: DeliveryTry, number: Int, of id: DeliveryID, _ db: any Connection) throws {
        try db.prepared(columns.insertion).run([
            id.number, number, made.beganAt.clamped.milliseconds,
            min(max(0, made.took.wholeMilliseconds), 1_000_000_000),
            DeliveryAttempt.Outcome(made.reply.answer).rawValue, made.reply.status,
            String(made.reply.answer.words.prefix(DeliveryAnswer.longestStored)),
            made.reply.excerpt.map { String($0.prefix(DeliveryAttempt.longestExcerpt)) },
        ])
        if number > DeliveryDetail.attemptsKept {
            try db.prepared(removingOld).run([id.number, number - DeliveryDetail.attemptsKept])
        }
    }

    static func list(of id: DeliveryID, _ db: any Connection) throws -> [DeliveryAttempt] {
        try db.prepared(latestFirst).all([id.number]) { found in
            let row = StoredRow(columns, key: "of delivery \(id)", in: found)
            return DeliveryAttempt(
                number: try DeliveryRows.tries(row, "number"), beganAt: try row.instant("began_at"),
                took: .milliseconds(try row.integer("took")),
                outcome: try row.value("outcome", DeliveryAttempt.Outcome.init),
                status: try row.optionalInteger("status").map(Int.init), answer: try row.text("answer"),
                excerpt: try row.optionalText("excerpt"))
        }
    }
}
