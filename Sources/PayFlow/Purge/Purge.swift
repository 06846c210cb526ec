public import PayCore

/// Deletes the pages of orders that are over, and expired idempotency keys. The creation of a page stays in the order's
/// history. A deleted key had already expired for readers.
public struct Purge: Sendable {
    /// How long pages are kept after their order is over. No rule uses them then; one day leaves time to look into a
    /// complaint.
    public static let pageRetention = Duration.seconds(24 * 60 * 60)
    /// Orders and keys in one transaction: it blocks other writers for milliseconds.
    public static let batch = 200

    /// The deletions of one run.
    public struct Report: ClockReport, Hashable {
        public var orders = 0
        public var pages = 0
        public var keys = 0
        public var reachedLimit = false

        public init() {}

        public var isEmpty: Bool { self == Report() }

        public var figures: [ClockFigure] {
            [ClockFigure("orders", orders), ClockFigure("pages", pages), ClockFigure("keys", keys)]
        }
    }

    private let archive: any Archive

    public init(_ archive: any Archive) {
        self.archive = archive
    }

    /// Deletes one batch of each kind, each in its own transaction. The next run continues with the rest.
    public func runOnce(at now: Instant, limit: Int = batch) async throws -> Report {
        let purged = try await archive.purgePages(ofOrdersOverBy: now - Self.pageRetention, limit: limit)
        let keys = try await archive.purgeKeys(expiredAt: now, limit: limit)
        var report = Report()
        report.orders = purged.orders
        report.pages = purged.pages
        report.keys = keys
        report.reachedLimit = purged.orders >= limit || keys >= limit
        return report
    }
}
