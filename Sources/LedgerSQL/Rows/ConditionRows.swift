import PayCore
import PayFlow
import PayRecords

/// The table `service_conditions`.
enum ConditionRows {
    private static let columns = Columns(
        table: "service_conditions",
        names: ["worker", "kind", "channel", "subject", "since", "ends_at", "seen_at"])

    /// Replaces the rows of the process, and deletes those of processes that have ended.
    static func replace(
        _ conditions: [ServiceCondition], of worker: WorkerID, at now: Instant, _ db: any Connection
    ) throws {
        try db.prepared("DELETE FROM service_conditions WHERE worker = ? OR seen_at <= ?")
            .run([worker.text, (now - ServiceCondition.isShownFor).milliseconds])
        for condition in conditions {
            try db.prepared(columns.insertion).run([
                worker.text, condition.kind.rawValue, condition.channel?.name ?? "", condition.subject,
                condition.since.milliseconds, condition.endsAt?.milliseconds, now.milliseconds,
            ])
        }
    }
}
