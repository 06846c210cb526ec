import Foundation
import LedgerSQL
import PayCore
import PayFlow
import StoreTestSupport
import Synchronization
import Testing

@testable import PostgresStore

/// Two processes on one database.
struct TwoNodes {
    let one: PostgresLedger
    let other: PostgresLedger

    static func with(_ body: @Sendable (TwoNodes) async throws -> Void) async throws {
        try await withTestDatabase(.postgres) { database in
            let address = try #require(ServerAddress(database.address))
            let nodes = TwoNodes(one: PostgresLedger(address), other: PostgresLedger(address))
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(nodes)) } catch { outcome = .failure(error) }
            try await nodes.one.close()
            try await nodes.other.close()
            try outcome.get()
        }
    }
}

extension PageProofs {
    /// The proof of a page that was read with this version.
    func proof(_ number: OrderNumber, _ version: Int64) async throws -> PageProof {
        let issued = try #require(self.ticket())
        let mark = mark(of: version, readUnder: issued)
        return await withCheckedContinuation { done in ask(about: number, mark) { done.resume(returning: $0) } }
    }
}

/// The shared state of the readers and the writer of a race.
private final class Race: Sendable {
    /// The version of the last acknowledged change.
    let acknowledged: Mutex<Int64>
    let isOver = Atomic(false)
    let proven = Atomic(0)
    let stale = Atomic(0)

    init(_ version: Int64) { acknowledged = Mutex(version) }
}

@Suite(StoreKind.needsPostgres, .timeLimit(.minutes(5))) struct TwoNodeTests {
    private static let number = orderNumber("order_1")
    private static let query = LivePageQuery(number: number, .any)

    private static func open(fence: Int64 = 1) -> Order {
        order("order_1", fence: fence, attempts: [attempt(trade("order_1", 1), .open, pages: [page()])])
    }

    @Test func `a page is proven until another node changes its order`() async throws {
        try await TwoNodes.with { nodes in
            try await nodes.one.put(Self.open())
            let read = try #require(try await nodes.one.livePage(for: Self.query, at: noon))
            #expect(try await nodes.one.proof(Self.number, read.version) == .same)
            #expect(try await nodes.other.proof(Self.number, read.version) == .same)
            try await nodes.other.put(
                order("order_1", state: .closed(at: noon), fence: 2, attempts: [attempt(trade("order_1", 1), .closed)]))
            #expect(try await nodes.one.proof(Self.number, read.version) == .other)
            #expect(try await nodes.other.proof(Self.number, read.version) == .other)
        }
    }

    @Test func `a page of an order that there is not is not proven`() async throws {
        try await TwoNodes.with { nodes in
            let proof = try await nodes.one.proof(orderNumber("order_9"), 1)
            #expect(proof == .other)
        }
    }

    @Test func `a database that can't be reached proves nothing`() async throws {
        let address = try #require(ServerAddress("postgresql://nobody@127.0.0.1:1/nothing"))
        let ledger = PostgresLedger(address)
        #expect(try await ledger.proof(Self.number, 1) == .unknown)
        try await ledger.close()
        #expect(try await ledger.proof(Self.number, 1) == .unknown)
    }

    /// One node changes an order without a pause. Readers on the other node never find a version proven that was
    /// replaced before they asked.
    @Test func `no proof is older than the last acknowledged change`() async throws {
        try await TwoNodes.with { nodes in
            let changes: Int64 = 200
            try await nodes.one.put(Self.open())
            let first = try #require(try await nodes.one.livePage(for: Self.query, at: noon)).version
            let race = Race(first)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        while !race.isOver.load(ordering: .relaxed) {
                            let known = race.acknowledged.withLock { $0 }
                            let read = try await nodes.other.livePage(for: Self.query, at: noon)?.version ?? 0
                            if read < known { race.stale.add(1, ordering: .relaxed) }
                            for _ in 0..<20 {
                                let before = race.acknowledged.withLock { $0 }
                                guard try await nodes.other.proof(Self.number, read) == .same else { continue }
                                race.proven.add(1, ordering: .relaxed)
                                if read < before { race.stale.add(1, ordering: .relaxed) }
                            }
                        }
                    }
                }
                group.addTask {
                    for fence in 2...changes {
                        try await nodes.one.put(Self.open(fence: fence))
                        let version = try #require(try await nodes.one.livePage(for: Self.query, at: noon)).version
                        race.acknowledged.withLock { $0 = version }
                    }
                    race.isOver.store(true, ordering: .relaxed)
                }
                try await group.waitForAll()
            }
            #expect(race.stale.load(ordering: .relaxed) == 0)
            #expect(race.proven.load(ordering: .relaxed) > 0)
        }
    }

    @Test func `a change on one node is news on the other, and not on its own`() async throws {
        try await TwoNodes.with { nodes in
            var (ours, theirs) = (
                nodes.one.changesOfOthers().makeAsyncIterator(), nodes.other.changesOfOthers().makeAsyncIterator()
            )
            #expect(await ours.next() == .any)
            #expect(await theirs.next() == .any)
            try await nodes.one.put(Self.open())
            #expect(await theirs.next() == .orders([Self.number]))
            try await nodes.other.put(Self.open(fence: 2))
            #expect(await ours.next() == .orders([Self.number]))
        }
    }

    @Test func `the check behind the news finds what was changed since the last one`() async throws {
        try await TwoNodes.with { nodes in
            let watched = [Self.number, orderNumber("order_2")]
            guard case .orders(let new) = try await nodes.one.changes(of: watched) else { return }
            #expect(Set(new) == Set(watched) || new.isEmpty)
            #expect(try await nodes.one.changes(of: watched) == .none)
            try await nodes.other.put(Self.open())
            #expect(try await nodes.one.changes(of: watched) == .orders([Self.number]))
            #expect(try await nodes.one.changes(of: watched) == .none)
        }
    }
}
