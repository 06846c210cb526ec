public import PayCore
public import PayFlow
import Synchronization

/// Which of an order's pages is asked for. What is nil is the live attempt's own.
struct PageVariant: Equatable {
    let channel: Channel?
    let terminal: Terminal?
    let openID: String?

    static let any = PageVariant(channel: nil, terminal: nil, openID: nil)

    /// By their bytes: Swift's own `==` takes two spellings of one letter for the same, and the database doesn't.
    static func == (left: PageVariant, right: PageVariant) -> Bool {
        guard left.channel == right.channel, left.terminal == right.terminal else { return false }
        switch (left.openID, right.openID) {
        case (nil, nil): return true
        case (let one?, let other?): return one.utf8.elementsEqual(other.utf8)
        case (nil, _?), (_?, nil): return false
        }
    }
}

extension PageVariant {
    init(_ query: LivePageQuery) {
        self.init(channel: query.channel, terminal: query.terminal, openID: query.openID)
    }

    func query(of number: OrderNumber) -> LivePageQuery {
        LivePageQuery(number: number, channel: channel, terminal: terminal, openID: openID)
    }
}

/// Live pages in memory, so that a hit costs no read. Bounded; what wasn't asked for lately makes way.
///
/// Never stale. From before a write to an order of this process until after its commit nothing of the order is found or
/// taken in; what was read before a write began is not taken in after it. And nothing is found unless every commit in the
/// database is known to be this process's own: another process's commit ends all that was read before it.
public final class PageCache: OrderWrites {
    /// Locks that requests share out among them: more than there will be cores.
    private static let shelfCount = 16

    private final class Shelf: Sendable {
        private let content: Mutex<PageShelf>

        init(capacity: Int) {
            content = Mutex(PageShelf(capacity: capacity))
        }

        func withLock<Value>(_ body: (inout PageShelf) -> Value) -> Value {
            content.withLock { body(&$0) }
        }
    }

    private let shelves: [Shelf]
    private let foreign: any ForeignCommits

    /// - Parameter capacity: about how many bytes of memory the pages may take; 0 keeps none.
    public init(capacity: Int, foreign: any ForeignCommits) {
        let share = capacity / Self.shelfCount
        shelves = (0..<Self.shelfCount).map { _ in Shelf(capacity: share) }
        self.foreign = foreign
    }

    /// The page, as it was when this was called.
    func find(_ number: OrderNumber, _ variant: PageVariant) -> ReadyPage? {
        guard let found = self[number].withLock({ $0.find(number, variant) }), found.era == foreign.era() else {
            return nil
        }
        return found.page
    }

    /// The right to take in what is read of an order from now on.
    struct Ticket {
        fileprivate let writes: UInt64
        fileprivate let era: UInt32
    }

    /// Nil while nothing can be taken in.
    func ticket(for number: OrderNumber) -> Ticket? {
        guard let era = foreign.era() else { return nil }
        return self[number].withLock { shelf in
            shelf.isWritten(number) ? nil : Ticket(writes: shelf.writes(of: number), era: era)
        }
    }

    /// Takes in a page that was read under the ticket, unless something was written since.
    func put(_ page: ReadyPage, _ variant: PageVariant, _ ticket: Ticket) {
        self[page.number].withLock { shelf in
            guard shelf.writes(of: page.number) == ticket.writes, !shelf.isWritten(page.number) else { return }
            shelf.put(page, variant, era: ticket.era)
        }
    }

    public func began(on number: OrderNumber) {
        self[number].withLock { $0.beginWrite(number) }
    }

    public func ended(on number: OrderNumber) {
        self[number].withLock { $0.endWrite(number) }
    }

    private subscript(number: OrderNumber) -> Shelf {
        shelves[Int(UInt(bitPattern: number.hashValue) % UInt(Self.shelfCount))]
    }
}
