public import PayCore

/// What nobody needs any more: the pages of orders that are over, and idempotency keys whose time has passed. That a
/// page was minted stays in the order's history; a key that is purged was read as unknown already.
public struct Purge: Sendable {
    /// How long pages are kept once their order is over. No rule looks at them then: a day is for a person who looks
    /// into a complaint.
    public static let pageRetention = Duration.seconds(24 * 60 * 60)
    /// Orders whose pages go, and keys that go, in one transaction: milliseconds in which nobody else writes.
    public static let batch = 200

    /// What one run deleted.
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

    /// One batch of each, in a transaction of its own. What is left is the next run's, which goes on where this one
    /// ended: what is purged is gone from the list of what is to be purged.
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
