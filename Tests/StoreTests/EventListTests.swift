import PayFlow
import StoreTestSupport
import Testing

@testable import PayCore

struct EventListTests {
    private let first = trade("order_1", 1)

    /// The events, once the server's other transactions have ended.
    private func events(
        _ database: TestDatabase, _ ledger: any Store, _ kind: OrderEvent.Kind? = nil, of order: String? = nil,
        after: EventCursor? = nil,
        limit: Int = 100
    ) async throws -> EventList {
        try database.tamper().settle()
        return try await ledger.events(
            EventListing(kind: kind, order: order.map(orderNumber), after: after, limit: limit))
    }

    @Test(arguments: StoreKind.available)
    func `a merchant who polls gets every event once, also without an endpoint`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            #expect(try await events(database, ledger).events == [])
            try await ledger.tell([event(.orderPaid, of: first, "tx-1"), event(.paymentDuplicate, of: first, "tx-2")])
            try await ledger.tell([event(.orderClosed)], of: "order_2")

            var seen: [EventMessage] = []
            var after: EventCursor?
            for (count, hasMore) in [(2, true), (1, false), (0, false)] {
                let list = try await events(database, ledger, after: after, limit: 2)
                #expect(list.events.count == count && list.hasMore == hasMore)
                seen += list.events
                after = list.next
                #expect(after != nil)
            }
            #expect(seen.map(\.event.kind) == [.orderPaid, .paymentDuplicate, .orderClosed])
            #expect(
                seen[0].payment?.transactionID.text == "tx-1" && seen[0].messageID == "evt_1_\(at(61).milliseconds)")

            try await ledger.tell([event(.orderExpired)], of: "order_3")
            let later = try await events(database, ledger, after: after)
            #expect(later.events.map(\.event.kind) == [.orderExpired] && !later.hasMore)
            #expect(try await ledger.event(later.events[0].id) == later.events[0])
            #expect(try await ledger.event(EventID(99)!) == nil)
        }
    }

    @Test(arguments: StoreKind.available)
    func `events are listed by their type and order`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            for name in ["order_1", "order_2", "order_3"] {
                try await ledger.tell([event(.orderClosed), event(.orderExpired)], of: name)
            }
            #expect(try await events(database, ledger, .orderExpired).events.map(\.id.number) == [2, 4, 6])
            #expect(try await events(database, ledger, of: "order_2").events.map(\.id.number) == [3, 4])
            let one = try await events(database, ledger, .orderClosed, of: "order_3")
            #expect(one.events.map(\.id.number) == [5])
            // The end of a list of few events is behind all events, so that the next call does not read them again.
            let none = try await events(database, ledger, .paymentDisputed)
            #expect(none.events == [])
            #expect(try await events(database, ledger, after: none.next).events == [])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a cursor of the other kind of database misses nothing`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let ledger = try await database.open()
            for number in 1...5 { try await ledger.tell([event(.orderClosed)], of: "order_\(number)") }
            switch kind {
            case .postgres:
                let copied = try await events(database, ledger, after: EventCursor(3))
                #expect(copied.events.map(\.id.number) == [4, 5] && copied.next?.change != nil)
            case .sqlite:
                let copied = try await events(
                    database, ledger, after: EventCursor(3, change: ChangeNumber(era: 0, transaction: 9)))
                #expect(copied.events.suffix(2).map(\.id.number) == [4, 5] && copied.next == EventCursor(5))
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a poller beside eight writers of two processes misses no event`(_ kind: StoreKind) async throws {
        try await withTestDatabase(kind) { database in
            let stores = [try await database.open(), try await database.open()]
            let reader = try await database.open()
            var seen: [EventID] = []
            var after: EventCursor?
            func read() async throws {
                while true {
                    let list = try await reader.events(EventListing(after: after, limit: 7))
                    seen += list.events.map(\.id)
                    after = list.next
                    if !list.hasMore { return }
                }
            }
            async let writing: Void = Self.write(stores)
            for _ in 0..<100 { try await read() }
            try await writing
            try database.tamper().settle()
            try await read()
            #expect(seen.count == 160 && Set(seen).count == 160)
        }
    }

    private static func write(_ stores: [any Store]) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                let store = stores[writer % stores.count]
                group.addTask {
                    for round in 0..<20 { try await store.tell([event(.orderClosed)], of: "order_\(writer)_\(round)") }
                }
            }
            try await group.waitForAll()
        }
    }
}
