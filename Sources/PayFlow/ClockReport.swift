/// What one run of the clock's work came to, in figures that a log line can carry.
public protocol ClockReport: Sendable {
    /// Whether there was nothing to do.
    var isEmpty: Bool { get }
    /// Whether the run ended at its limit, so that the next one should begin at once.
    var reachedLimit: Bool { get }
    /// What was done, by name.
    var figures: [ClockFigure] { get }
}

/// One figure of a report: `closed` 3.
public struct ClockFigure: Hashable, Sendable {
    public let name: String
    public let count: Int

    public init(_ name: String, _ count: Int) {
        self.name = name
        self.count = count
    }
}
