import ArgumentParser
import PayCore
import PayFlow
import PostgresStore

/// A reader of changes beside writers: counts the orders that the reader's list has passed over.
struct ListingBesideWriters: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list")

    @OptionGroup var measured: MeasuredDatabase

    @Option(help: "The writers.")
    var writers = 8

    func run() async throws {
        let ledger = try measured.open()
        let prefix = freshPrefix()
        let began = ContinuousClock.now
        let start = now()
        let end = began + .seconds(measured.seconds)
        async let listed = Self.read(ledger, from: start, until: end)
        let made = try await withThrowingTaskGroup(of: Set<String>.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    let name = "\(prefix)_\(writer)"
                    let times = try await FirstPays.pay(name, until: end, ledger)
                    return Set(times.indices.map { "\(name)_\($0)" })
                }
            }
            return try await group.reduce(into: Set<String>()) { $0.formUnion($1) }
        }
        let (seen, times) = try await listed
        var figures = Figures()
        figures.add(times)
        figures.tell(
            ContinuousClock.now - began,
            [("orders", made.count), ("missed", made.subtracting(seen).count)])
        try await ledger.close()
    }

    /// Follows the changes until the writers have ended, and then to the end of the list.
    private static func read(
        _ ledger: any OrderReads, from start: Instant, until end: ContinuousClock.Instant
    ) async throws -> (seen: Set<String>, times: [Duration]) {
        var search = OrderSearch()
        search.updatedAfter = start
        var (cursor, seen, times): (OrderCursor?, Set<String>, [Duration]) = (nil, [], [])
        // A writer may still be at its last order when its time is over.
        var looksBehindTheEnd = 0
        while looksBehindTheEnd < 50 {
            let began = ContinuousClock.now
            let list = try await ledger.orders(
                OrderListing(search, sequence: .longestUnchangedFirst, limit: 200, after: cursor))
            times.append(ContinuousClock.now - began)
            seen.formUnion(list.orders.map(\.number.text))
            cursor = list.next ?? cursor
            // At the end, the last part is read again later: it grows.
            guard list.next == nil else { continue }
            if began >= end { looksBehindTheEnd += 1 }
            try await Task.sleep(for: .milliseconds(20))
        }
        return (seen, times)
    }
}
