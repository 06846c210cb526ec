import PayCore

/// Runs a clock job for each share of its work that this process gets.
struct SharedDuty: Sendable {
    let shares: any ClockShares
    let parts: FlowParts

    /// - Parameter pause: from the start of a run to the next run of its share.
    func run(
        _ duty: ClockDuty, every pause: Duration, at now: Instant,
        _ work: (ClockShare, Instant) async throws -> any ClockReport
    ) async throws -> any ClockReport {
        var reports: [any ClockReport] = []
        for _ in 0..<duty.shares {
            let began = reports.isEmpty ? now : parts.clock.now()
            guard
                let share = try await shares.takeShare(
                    of: duty, by: parts.worker, at: began, until: began + duty.longestRun)
            else { break }
            do {
                let report = try await work(share, began)
                reports.append(report)
                let next = report.reachedLimit ? began : began + pause
                try await shares.giveBack(share, of: duty, by: parts.worker, dueAt: next)
            } catch {
                try? await shares.giveBack(share, of: duty, by: parts.worker, dueAt: began + pause)
                throw error
            }
            if share.number == nil || Task.isCancelled { break }
        }
        return reports.count == 1 ? reports[0] : SharesReport(reports)
    }
}

/// Several reports as one.
package struct SharesReport: ClockReport {
    private let reports: [any ClockReport]

    package init(_ reports: [any ClockReport]) { self.reports = reports }

    package var isEmpty: Bool { reports.allSatisfy(\.isEmpty) }
    package var reachedLimit: Bool { reports.contains(where: \.reachedLimit) }

    /// The sums, by name.
    package var figures: [ClockFigure] {
        reports.flatMap(\.figures).reduce(into: []) { sums, figure in
            if let index = sums.firstIndex(where: { $0.name == figure.name }) {
                sums[index] = ClockFigure(figure.name, sums[index].count + figure.count)
            } else {
                sums.append(figure)
            }
        }
    }
}
