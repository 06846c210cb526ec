import PayCore
import PayFlow
import StoreTestSupport
import Testing

/// Lists that are read while other processes write.
struct ConcurrentListTests {
    private static let rounds = 1...20 as ClosedRange<Int64>

    private static func names(_ writer: Int) -> [String] { (0..<4).map { "order_\(writer)_\($0)" } }

    /// The latest fence of each order in the lists behind the cursor, and the start of the last list.
    private func read(
        _ store: any Store, after cursor: inout OrderCursor?, into seen: inout [OrderNumber: Fence]
    ) async throws {
        while true {
            let list = try await store.orders(OrderListing(OrderSearch(), limit: 7, after: cursor))
            for order in list.orders { seen[order.number] = order.fence }
            guard let next = list.next else { return }
            cursor = next
        }
    }

    /// Eight writers, each of which changes orders of its own.
    private static func write(_ stores: [any Store]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                let store = stores[writer % stores.count]
                group.addTask {
                    for round in rounds {
                        for name in names(writer) { try await store.put(order(name, fence: round)) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test(arguments: StoreKind.available)
    func `a reader beside eight writers of two processes misses no change`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let stores = [try await database.open(), try await database.open()]
            let reader = try await database.open()
            var seen: [OrderNumber: Fence] = [:]
            var cursor: OrderCursor?
            async let writing: Void = Self.write(stores)
            for _ in 0..<100 { try await read(reader, after: &cursor, into: &seen) }
            try await writing
            try database.tamper().settle()
            try await read(reader, after: &cursor, into: &seen)
            #expect(seen.count == 32)
            #expect(seen.values.allSatisfy { $0 == Fence(Self.rounds.upperBound) })
        }
    }

    @Test(arguments: StoreKind.available)
    func `a reader who remembers the latest time of a change is given a change with an earlier time`(
        _ kind: StoreKind
    ) async throws {
        try await withTestDatabase(kind) { database in
            let store = try await database.open()
            try await store.put(order("order_1", fence: 1), at: at(100))
            try database.tamper().settle()
            let first = try await store.orders(OrderListing(OrderSearch(), limit: 5))
            let latest = try #require(first.entries.last?.updatedAt)
            // The clock of this process is behind, or its transaction waited.
            try await store.put(order("order_2", fence: 1), at: at(98))
            try database.tamper().settle()
            let second = try await store.orders(OrderListing(OrderSearch(updatedAfter: latest), limit: 5))
            #expect(second.orders.map(\.number.text).contains("order_2"))
        }
    }
}
