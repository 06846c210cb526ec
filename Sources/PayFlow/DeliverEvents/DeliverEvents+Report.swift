import PayCore

extension DeliverEvents {
    /// The number of webhooks that one run sent, and their outcomes.
    public struct Report: ClockReport, Hashable {
        public fileprivate(set) var delivered = 0
        /// Not acknowledged: they are retried.
        public fileprivate(set) var failed = 0
        public fileprivate(set) var parked = 0
        /// Their claim expired during the sending and was taken by another worker, whose answer counts.
        public fileprivate(set) var overtaken = 0
        public fileprivate(set) var reachedLimit = false

        public init() {}

        public var isEmpty: Bool { figures.allSatisfy { $0.count == 0 } }

        public var figures: [ClockFigure] {
            [
                ClockFigure("delivered", delivered), ClockFigure("failed", failed), ClockFigure("parked", parked),
                ClockFigure("overtaken", overtaken),
            ]
        }
    }

    /// The outcome of one sending.
    enum Outcome {
        case delivered, failed, parked, overtaken

        init(_ step: DeliveryStep) {
            switch step {
            case .delivered: self = .delivered
            case .again: self = .failed
            case .parked: self = .parked
            }
        }

        /// The outcome as a metric. An overtaken sending is counted by the worker that overtook it.
        var told: DeliveryOutcome? {
            switch self {
            case .delivered: .delivered
            case .failed: .failed
            case .parked: .parked
            case .overtaken: nil
            }
        }
    }

    /// The progress of a run.
    struct Run {
        private(set) var report = Report()
        private var left: Int
        private var underWay = 0

        init(limit: Int) {
            left = max(0, limit)
        }

        var isUnderWay: Bool { underWay > 0 }

        /// How many more sendings may begin now.
        var room: Int { min(left, DeliverEvents.deliveriesAtATime - underWay) }

        mutating func begin() {
            underWay += 1
            spend()
        }

        mutating func end(_ outcome: Outcome) {
            underWay -= 1
            switch outcome {
            case .delivered: report.delivered += 1
            case .failed: report.failed += 1
            case .parked: report.parked += 1
            case .overtaken: report.overtaken += 1
            }
        }

        /// Counts a webhook that could not be sent at all.
        mutating func park() {
            report.parked += 1
            spend()
        }

        private mutating func spend() {
            left -= 1
            report.reachedLimit = left <= 0
        }
    }
}
