import ArgumentParser
import Dispatch
import PayCore
import PayFlow
import PostgresStore
import Synchronization

/// Proofs of cached pages: each loop has a number of requests that wait, and each request asks again at once.
struct PageProofing: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "proofs")

    @OptionGroup var measured: MeasuredDatabase

    @Option(help: "The threads that ask, as the event loops of a service.")
    var loops = 2

    @Option(help: "The requests that wait in each loop.")
    var waiting = 64

    private static let orders = 1_000

    func run() async throws {
        let ledger = try measured.open()
        let marks = try await Self.marks(ledger)
        let began = ContinuousClock.now
        let asking = (0..<loops).map { Loop($0, ledger, marks, until: began + .seconds(measured.seconds)) }
        let results = await withTaskGroup(of: Loop.Result.self) { group in
            for loop in asking { group.addTask { [waiting] in await loop.run(waiting) } }
            return await group.reduce(into: [Loop.Result]()) { $0.append($1) }
        }
        var figures = Figures()
        for result in results { figures.add(result.times) }
        figures.tell(ContinuousClock.now - began, [("unproven", results.map(\.unproven).reduce(0, +))])
        try await ledger.close()
    }

    /// Makes orders, and reads the mark of each one's page.
    private static func marks(
        _ ledger: some OrderDecisions & OrderReads & PageProofs
    ) async throws -> [(OrderNumber, PageMark)] {
        let prefix = freshPrefix()
        return try await withThrowingTaskGroup(of: (OrderNumber, PageMark)?.self) { group in
            for index in 0..<orders {
                group.addTask {
                    let order = try BenchOrder("\(prefix)_\(index)", at: now())
                    try await order.pay(ledger)
                    guard let ticket = ledger.ticket(),
                        let page = try await ledger.livePage(
                            for: LivePageQuery(number: order.number, PageVariant.any), at: now())
                    else { return nil }
                    return (order.number, ledger.mark(of: page.version, readUnder: ticket))
                }
            }
            return try await group.reduce(into: []) { marks, mark in mark.map { marks.append($0) } }
        }
    }
}

/// A thread that asks and is told, as an event loop.
private final class Loop: Sendable {
    struct Result: Sendable {
        var times: [Duration] = []
        /// Proofs that are not *same*, although no order changes.
        var unproven = 0
        var waiting = 0
    }

    private let queue: DispatchQueue
    private let proofs: any PageProofs
    private let marks: [(OrderNumber, PageMark)]
    private let end: ContinuousClock.Instant
    private let result = Mutex(Result())

    init(
        _ number: Int, _ proofs: any PageProofs, _ marks: [(OrderNumber, PageMark)],
        until end: ContinuousClock.Instant
    ) {
        queue = DispatchQueue(label: "loop \(number)")
        self.proofs = proofs
        self.marks = marks
        self.end = end
    }

    func run(_ waiting: Int) async -> Result {
        guard !marks.isEmpty else { return Result(unproven: 1) }
        await withCheckedContinuation { over in
            result.withLock { $0.waiting = waiting }
            for index in 0..<waiting { queue.async { [self] in ask(index * 31, over) } }
        }
        return result.withLock { $0 }
    }

    private func ask(_ index: Int, _ over: CheckedContinuation<Void, Never>) {
        let (number, mark) = marks[index % marks.count]
        let began = ContinuousClock.now
        proofs.ask(about: number, mark) { [self] proof in
            queue.async { [self] in
                let told = ContinuousClock.now
                let isLast = result.withLock { result in
                    result.times.append(told - began)
                    if proof != .same { result.unproven += 1 }
                    if told >= end { result.waiting -= 1 }
                    return result.waiting == 0
                }
                if told < end { ask(index + 1, over) } else if isLast { over.resume() }
            }
        }
    }
}
