import Foundation
import LedgerSQL
import Logging
import PayCore
import PayFlow
import PayTestSupport
import SQLiteStore
import Synchronization

@testable import PayAPI

/// A hub with a database of its own. Its reads can be blocked, counted and made to fail.
struct LiveBench: Sendable {
    let live: LiveOrders
    let clock = HandMovedClock()
    /// The ledger that the hub reads.
    let reads: WatchedLedger
    let others: CountedOthers
    /// The ledger of this process's writes. Tests notify the hub of a write by hand.
    let database: SQLiteLedger
    let path: String

    fileprivate init(path: String, limits: LiveLimits) throws {
        self.path = path
        database = try SQLiteLedger(path: path)
        reads = WatchedLedger(database)
        others = CountedOthers(database)
        live = LiveOrders(
            ledger: reads, others: others, clock: clock,
            logger: Self.silence, limits: limits)
    }

    static let silence = Logger(label: "live", factory: { _ in SwiftLogNoOpLogHandler() })

    static let number = OrderNumber("order_1")!
    static let other = OrderNumber("order_2")!

    /// Stores the order in this version. The return link identifies the version.
    func put(_ version: Int, _ number: OrderNumber = number, by ledger: SQLiteLedger? = nil) async throws {
        let now = clock.now()
        let wanted = Self.order(version, number, at: now)
        _ = try await (ledger ?? database).update(number, creating: Self.order(-1, number, at: now), at: now) { order in
            order = wanted
            return Decision(true)
        }
    }

    private static func order(_ version: Int, _ number: OrderNumber, at now: Instant) -> Order {
        Order(
            number: number, userID: UserID("user_1")!, money: Money(amount: 9_900, currency: Currency("CNY")!)!,
            subject: Subject("Tea for two")!, returnURL: nil, createdAt: now, deadline: now + .seconds(1_800),
            fence: Fence(Int64(version)))
    }

    /// A watcher that must be accepted.
    func watch(_ number: OrderNumber = number, cut: @escaping @Sendable () -> Void = {}) throws -> LiveWatch {
        guard case .watching(let watch) = live.watch(number, cut: cut) else { throw NoPlace() }
        return watch
    }

    struct NoPlace: Error {}
}

/// Counts the checks for other processes' changes. Tests tell news by hand.
final class CountedOthers: ForeignNews {
    private let real: any ForeignNews
    private let asked = Mutex(0)

    init(_ real: any ForeignNews) {
        self.real = real
    }

    var count: Int { asked.withLock { $0 } }

    /// News that a test tells.
    private let (news, newsInbox) = AsyncStream<ForeignChange>.makeStream()

    func tell(_ change: ForeignChange) { newsInbox.yield(change) }

    func changesOfOthers() -> AsyncStream<ForeignChange> { news }

    func changes(of watched: [OrderNumber]) async throws -> ForeignChange {
        asked.withLock { $0 += 1 }
        return try await real.changes(of: watched)
    }
}

/// A comparable message: the version of the order in it.
enum Told: Hashable {
    case version(Int64)
    case beat(Int64)
    case absent, unreadable, ended

    init(_ news: LiveNews?) {
        switch news {
        case .order(let order, let isBeat): self = isBeat ? .beat(order.fence.number) : .version(order.fence.number)
        case .absent: self = .absent
        case .unreadable: self = .unreadable
        case nil: self = .ended
        }
    }
}

extension LiveWatch {
    func next() async -> Told {
        var iterator = news.makeAsyncIterator()
        return Told(await iterator.next())
    }
}

func withLiveBench(_ limits: LiveLimits = LiveLimits(), _ body: (LiveBench) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("paylive-\(UUID().uuidString).sqlite").path
    defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
    let bench = try LiveBench(path: path, limits: limits)
    try await body(bench)
    try bench.database.close()
}
