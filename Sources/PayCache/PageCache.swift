package import PayCore
package import PayFlow
import Synchronization

/// Live pages in memory, so that a hit reads no database. The size is bounded; pages that were not used lately are
/// evicted.
///
/// The cache is never stale. A page is current only once its mark is proven, which the store tells at once or later.
/// From before this process writes to an order until after the commit, the order's pages are neither found nor added. A
/// page that was read before such a write began is not added after it.
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
    private let proofs: any PageProofs
    /// The number of the parts whose pages are cached: see ``startOver()``.
    private let edition = Atomic<UInt64>(0)

    /// - Parameter capacity: the approximate memory for pages, in bytes. 0 disables the cache.
    package init(capacity: Int, proofs: any PageProofs) {
        let share = capacity / Self.shardCount
        shards = (0..<Self.shardCount).map { _ in Shard(capacity: share) }
        self.proofs = proofs
    }

    /// The result of a search.
    package enum Finding {
        case none
        /// The page is current at the time of the call.
        case current(ReadyPage)
        /// The page may be served once ``prove(_:_:_:)`` has told that it is current.
        case unproven(ReadyPage, PageMark)
    }

    package func find(_ number: OrderNumber, _ variant: PageVariant) -> Finding {
        guard let found = self[number].withLock({ $0.find(number, variant) }) else { return .none }
        switch proofs.look(at: number, found.mark) {
        case .known(.same): return .current(found.page)
        case .known(.other), .known(.unknown): return .none
        case .mustBeAsked: return .unproven(found.page, found.mark)
        }
    }

    /// Asks the store whether the page is current. Calls `tell` once, on any thread, possibly before this call returns.
    /// A page of an order that has changed is dropped.
    package func prove(_ page: ReadyPage, _ mark: PageMark, _ tell: @escaping @Sendable (Bool) -> Void) {
        proofs.ask(about: page.number, mark) { [self] proof in
            if proof == .other { self[page.number].withLock { $0.forget(page.number, mark) } }
            tell(proof == .same)
        }
    }

    /// The right to add a page of an order that is read after the ticket was issued.
    package struct Ticket {
        fileprivate let writes: UInt64
        fileprivate let read: ReadTicket
    }

    /// Drops all pages, because their checkout tokens are no longer those of the settings. Returns the edition whose pages
    /// are cached from now on. Pages of calls that began with an earlier one are not added.
    package func startOver() -> UInt64 {
        let next = edition.add(1, ordering: .sequentiallyConsistent).newValue
        for shard in shards { shard.withLock { $0.startOver() } }
        return next
    }

    /// Nil while no page of the order can be added.
    package func ticket(for number: OrderNumber, edition: UInt64 = 0) -> Ticket? {
        guard let read = proofs.ticket() else { return nil }
        return self[number].withLock { shard in
            // Read under the lock: a later start over drops what the ticket adds.
            guard edition == self.edition.load(ordering: .sequentiallyConsistent) else { return nil }
            return shard.isWritten(number) ? nil : Ticket(writes: shard.writes(of: number), read: read)
        }
    }

    /// Adds a page that was read under the ticket, unless the order was written since.
    ///
    /// - Parameter version: the version of the order, from the same snapshot as the page.
    package func put(_ page: ReadyPage, _ variant: PageVariant, version: Int64, _ ticket: Ticket) {
        let mark = proofs.mark(of: version, readUnder: ticket.read)
        self[page.number].withLock { shard in
            guard shard.writes(of: page.number) == ticket.writes, !shard.isWritten(page.number) else { return }
            shard.put(page, variant, mark)
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
