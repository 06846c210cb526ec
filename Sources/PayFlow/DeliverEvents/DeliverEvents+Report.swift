import PayCore

extension DeliverEvents {
    /// How many messages one run sent, and what became of them.
    public struct Report: ClockReport, Hashable {
        public fileprivate(set) var delivered = 0
        /// Not taken: they are sent again.
        public fileprivate(set) var failed = 0
        public fileprivate(set) var parked = 0
        /// Sent for so long that somebody else has claimed them meanwhile: that claim's answer counts.
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

    /// What one sending came to.
    enum Outcome {
        case delivered, failed, parked, overtaken

        init(_ step: DeliveryStep) {
            switch step {
            case .delivered: self = .delivered
            case .again: self = .failed
            case .parked: self = .parked
            }
        }

        /// As a metric calls it. What was overtaken is counted by whoever overtook it.
        var told: DeliveryOutcome? {
            switch self {
            case .delivered: .delivered
            case .failed: .failed
            case .parked: .parked
            case .overtaken: nil
            }
        }
    }

    /// A run as far as it has got.
    struct Run {
        private(set) var report = Report()
        private var left: Int
        private var underWay = 0

        init(limit: Int) {
            left = max(0, limit)
        }

        var isUnderWay: Bool { underWay > 0 }

        /// How many more may be begun now.
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

        /// One that could not even be sent.
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
