public import PayCore

/// Blanks the buyers' data of orders that were over long ago, and of orders whose erasure was asked for.
public struct BlankOrders: Sendable {
    /// Orders in one transaction: it blocks other writers for milliseconds.
    public static let batch = 100

    /// The blankings of one run.
    public struct Report: ClockReport, Hashable {
        public var orders = 0
        public var erased = 0
        public var notices = 0
        public var reachedLimit = false

        public init() {}

        public var isEmpty: Bool { self == Report() }

        public var figures: [ClockFigure] {
            [ClockFigure("orders", orders), ClockFigure("erased", erased), ClockFigure("notices", notices)]
        }
    }

    private let data: any PersonalData
    private let retention: Duration

    /// - Parameter retention: how long after an order is over its buyer's data is kept.
    public init(_ data: any PersonalData, retention: Duration) {
        self.data = data
        self.retention = retention
    }

    /// Blanks one batch of each kind, each in its own transaction. The next run continues with the rest.
    public func runOnce(at now: Instant, limit: Int = batch) async throws -> Report {
        var report = Report()
        report.erased = try await data.blankErased(limit: limit, at: now)
        report.orders = try await data.blank(ordersOverBy: now - retention, limit: limit, at: now)
        report.notices = try await data.blankNotices(receivedBy: now - retention, limit: limit)
        report.reachedLimit = max(report.orders, report.erased, report.notices) >= limit
        return report
    }
}

extension ClockJob {
    /// The job that blanks buyers' data.
    package static func blank(_ data: any PersonalData, retention: Duration) -> ClockJob {
        let blank = BlankOrders(data, retention: retention)
        return ClockJob("blank", every: .seconds(60)) { try await blank.runOnce(at: $0) }
    }
}
