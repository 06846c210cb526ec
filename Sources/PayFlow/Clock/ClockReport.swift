/// The report of one run of a clock job, in figures for a log line.
public protocol ClockReport: Sendable {
    /// Whether the run found nothing to do.
    var isEmpty: Bool { get }
    /// Whether the run ended at its limit, so that the next run should begin at once.
    var reachedLimit: Bool { get }
    /// The results of the run, by name.
    var figures: [ClockFigure] { get }
}

extension ClockReport {
    /// Whether the run changed nothing: all that it did was a look at what stays as it is.
    package var isRoutine: Bool {
        !isEmpty && figures.allSatisfy { $0.count == 0 || $0.name == ClockFigure.unchanged }
    }
}

/// One figure of a report, such as `closed` 3.
public struct ClockFigure: Hashable, Sendable {
    /// The figure of what was looked at and stays as it is.
    static let unchanged = "unchanged"

    public let name: String
    public let count: Int

    public init(_ name: String, _ count: Int) {
        self.name = name
        self.count = count
    }
}

/// The report of a job that nobody wants to read about.
package struct NothingToReport: ClockReport {
    package let isEmpty = true
    package let reachedLimit = false
    package let figures: [ClockFigure] = []

    package init() {}
}
