package import PayCore
package import PayFlow
import Synchronization

/// Live pages in memory, so that a hit costs no read. Bounded; what wasn't asked for lately makes way.
///
/// Never stale. From before a write to an order of this process until after its commit nothing of the order is found or
/// taken in; what was read before a write began is not taken in after it. And nothing is found unless every commit in the
/// database is known to be this process's own: another process's commit ends all that was read before it.
package final class PageCache: OrderWrites {
    /// Locks that requests share out among them: more than there will be cores.
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

    /// - Parameter capacity: about how many bytes of memory the pages may take; 0 keeps none.
    package init(capacity: Int, foreign: any ForeignCommits) {
        let share = capacity / Self.shardCount
        shards = (0..<Self.shardCount).map { _ in Shard(capacity: share) }
        self.foreign = foreign
    }

    /// The page, as it was when this was called.
    package func find(_ number: OrderNumber, _ variant: PageVariant) -> ReadyPage? {
        guard let found = self[number].withLock({ $0.find(number, variant) }), found.era == foreign.era() else {
            return nil
        }
        return found.page
    }

    /// The right to take in what is read of an order from now on.
    package struct Ticket {
        fileprivate let writes: UInt64
        fileprivate let era: UInt32
    }

    /// Nil while nothing can be taken in.
    package func ticket(for number: OrderNumber) -> Ticket? {
        guard let era = foreign.era() else { return nil }
        return self[number].withLock { shard in
            shard.isWritten(number) ? nil : Ticket(writes: shard.writes(of: number), era: era)
        }
    }

    /// Takes in a page that was read under the ticket, unless something was written since.
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
