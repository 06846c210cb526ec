/// A whole store: every port that the service and its commands need.
///
/// A store is opened for one process, and closed once.
public protocol Store: Archive, AttentionList, AuditLog, BacklogReads, BillStore, ChannelStore, ClockShares,
    ConditionReports, DeliveryDesk, DisputeList, DueWork, ForeignNews, History, MoneyTotals, OperatorStore,
    OrderDecisions, OrderNaming, OrderReads, Outbox, PageProofs, PersonalData, ReconciliationReads, RefundList,
    RestoreMarks, WriteCheck
{
    /// Throws if the open database is not the one at its address any more. Called each second, and costs little.
    func checkAddress() throws(LedgerUnavailable)

    /// Finishes the queued writes, and closes every connection. Later calls throw.
    @discardableResult
    func close() async throws -> ClosedDatabase
}

/// The state of a database that was closed.
public enum ClosedDatabase: Hashable, Sendable {
    /// Every commit is in the database.
    case whole
    /// SQLite: the last commits are in the WAL (`-wal`) alone. The file must not be copied without it.
    case needsWAL(because: String)
}
