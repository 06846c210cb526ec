import PayCore
import PayFlow

/// The sums of payments and refunds for charts. Everybody who looks at the same span within a while shares one read.
actor MoneyTrends {
    struct Sums: Sendable {
        let steps: TimeSteps
        let payments: [MoneyTotal]
        let refunds: [MoneyTotal]
    }

    private struct Read {
        let begunAt: Instant
        let sums: Task<Sums, any Error>
    }

    private let totals: any MoneyTotals
    private var reads: [TrendSpan: Read] = [:]

    init(_ totals: any MoneyTotals) {
        self.totals = totals
    }

    func sums(over span: TrendSpan, at now: Instant) async throws -> Sums {
        if let read = reads[span], read.begunAt <= now, now < read.begunAt + span.isFreshFor {
            return try await read.sums.value
        }
        let steps = span.steps(until: now)
        let read = Read(
            begunAt: now,
            sums: Task { [totals] in
                Sums(
                    steps: steps, payments: try await totals.payments(in: steps),
                    refunds: try await totals.refunds(in: steps))
            })
        reads[span] = read
        do {
            return try await read.sums.value
        } catch {
            reads[span] = nil
            throw error
        }
    }
}
