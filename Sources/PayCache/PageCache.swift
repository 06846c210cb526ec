package import PayCore
package import PayFlow
import Synchronization

/// Live pages in memory, so that a hit reads no database. The size is bounded; pages that were not used lately are
/// evicted.
///
/// The cache is never stale. From before this process writes to an order until after the commit, the order's pages are
/// neither found nor added. A page that was read before such a write began is not added after it. A commit by another
/// process drops the whole cache, and nothing is found while it is unknown whether there was one.
package final class PageCache: OrderWrites {
    /// The number of locks: more than the number of cores, so that requests seldom wait for each other.
    private static let shardCount = 16

    private final class Shard: Sendable {
        private let content: Mutex<CacheShard>

        init(capacity: Int) {
            content = Mutex(CacheShard(capacity: capacity))
        }

        func withLock<Value>(_ body: (inout CacheShard) -> Value) -> Value {
            content.withLock { body(&$0) }
        }
    }

    private let shards: [Shard]
    private let foreign: any ForeignCommits

    /// - Parameter capacity: the approximate memory for pages, in bytes. 0 disables the cache.
    package init(capacity: Int, foreign: any ForeignCommits) {
        let share = capacity / Self.shardCount
        shards = (0..<Self.shardCount).map { _ in Shard(capacity: share) }
        self.foreign = foreign
    }

    /// The cached page, which is current at the time of the call.
    package func find(_ number: OrderNumber, _ variant: PageVariant) -> ReadyPage? {
        guard let found = self[number].withLock({ $0.find(number, variant) }), found.era == foreign.era() else {
            return nil
        }
        return found.page
    }

    /// The right to add a page of an order that is read after the ticket was issued.
    package struct Ticket {
        fileprivate let writes: UInt64
        fileprivate let era: UInt32
    }

    /// Nil while no page of the order can be added.
    package func ticket(for number: OrderNumber) -> Ticket? {
        guard let era = foreign.era() else { return nil }
        return self[number].withLock { shard in
            shard.isWritten(number) ? nil : Ticket(writes: shard.writes(of: number), era: era)
        }
    }

    /// Adds a page that was read under the ticket, unless the order was written since.
    package func put(_ page: ReadyPage, _ variant: PageVariant, _ ticket: Ticket) {
        self[page.number].withLock { shard in
            guard shard.writes(of: page.number) == ticket.writes, !shard.isWritten(page.number) else { return }
            shard.put(page, variant, era: ticket.era)
        }
    }

    package func began(on number: OrderNumber) {
        self[number].withLock { $0.beginWrite(number) }
    }

    package func ended(on number: OrderNumber) {
        self[number].withLock { $0.endWrite(number) }
    }

    private subscript(number: OrderNumber) -> Shard {
        shards[Int(UInt(bitPattern: number.hashValue) % UInt(Self.shardCount))]
    }
}
