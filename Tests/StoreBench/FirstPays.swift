import ArgumentParser
import PayFlow
import PostgresStore

/// First pays of new orders by concurrent callers, each of whom pays again at once.
struct FirstPays: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "first-pays")

    @OptionGroup var measured: MeasuredDatabase

    @Option(help: "The callers.")
    var callers = 64

    func run() async throws {
        let ledger = try measured.open()
        let prefix = freshPrefix()
        // The first calls connect and prepare their statements.
        try await BenchOrder("\(prefix)_warm", at: now()).pay(ledger)
        let began = ContinuousClock.now
        let end = began + .seconds(measured.seconds)
        let figures = try await withThrowingTaskGroup(of: [Duration].self) { group in
            for caller in 0..<callers {
                group.addTask { try await Self.pay("\(prefix)_\(caller)", until: end, ledger) }
            }
            return try await group.reduce(into: Figures()) { $0.add($1) }
        }
        figures.tell(ContinuousClock.now - began)
        try await ledger.close()
    }

    /// Pays one order after the other, and returns the time of each.
    static func pay(
        _ prefix: String, until end: ContinuousClock.Instant, _ ledger: any OrderDecisions
    ) async throws -> [Duration] {
        var times: [Duration] = []
        while ContinuousClock.now < end {
            let began = ContinuousClock.now
            try await BenchOrder("\(prefix)_\(times.count)", at: now()).pay(ledger)
            times.append(ContinuousClock.now - began)
        }
        return times
    }
}
