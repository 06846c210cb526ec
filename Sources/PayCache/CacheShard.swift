import PayCore
import PayFlow

/// A shard of the cached pages. The order number selects the shard.
///
/// The clock algorithm decides which order is evicted: a hand moves over the ring and evicts the first order that was
/// not looked up since the hand last passed it.
struct CacheShard {
    struct Found {
        let page: ReadyPage
        let mark: PageMark
    }

    /// The number of writes begun, by a hash of the order number. There are enough counters that few orders share one.
    private var writeCounts = [UInt64](repeating: 0, count: 256)
    /// In bytes.
    private let capacity: Int
    private var weight = 0
    private var ring: [CachedPages?] = []
    private var freePlaces: [Int] = []
    private var hand = 0
    private var places: [OrderNumber: Int] = [:]
    /// The orders that are being written, with the number of their writes in progress.
    private var written: [OrderNumber: Int] = [:]

    init(capacity: Int) {
        self.capacity = capacity
    }

    func isWritten(_ number: OrderNumber) -> Bool { written[number] != nil }

    /// A counter that changes whenever a write to the order begins.
    func writes(of number: OrderNumber) -> UInt64 { writeCounts[writeCount(of: number)] }

    private func writeCount(of number: OrderNumber) -> Int {
        // The lowest bits select the shard.
        Int((UInt(bitPattern: number.hashValue) >> 8) % UInt(writeCounts.count))
    }

    mutating func find(_ number: OrderNumber, _ variant: PageVariant) -> Found? {
        guard let place = places[number], let pages = ring[place] else { return nil }
        if !pages.wasAskedFor { ring[place]?.wasAskedFor = true }
        return pages.page(variant).map { Found(page: $0, mark: pages.mark) }
    }

    mutating func put(_ page: ReadyPage, _ variant: PageVariant, _ mark: PageMark) {
        guard var pages = forget(page.number), pages.mark == mark else {
            return keep(CachedPages(page, variant, mark))
        }
        pages.put(page, variant)
        keep(pages)
    }

    /// Drops the pages of the order that have this mark.
    mutating func forget(_ number: OrderNumber, _ mark: PageMark) {
        guard let place = places[number], ring[place]?.mark == mark else { return }
        forget(number)
    }

    mutating func beginWrite(_ number: OrderNumber) {
        writeCounts[writeCount(of: number)] &+= 1
        written[number, default: 0] += 1
        forget(number)
    }

    mutating func endWrite(_ number: OrderNumber) {
        guard let count = written[number] else { return }
        written[number] = count > 1 ? count - 1 : nil
    }

    /// Drops all pages. No page that was read before is added after it.
    mutating func startOver() {
        for index in writeCounts.indices { writeCounts[index] &+= 1 }
        (ring, freePlaces, places) = ([], [], [:])
        (weight, hand) = (0, 0)
    }

    private mutating func keep(_ pages: CachedPages) {
        guard pages.weight <= capacity else { return }
        while weight + pages.weight > capacity { makeRoom() }
        weight += pages.weight
        let place = freePlaces.popLast() ?? ring.count
        if place < ring.count { ring[place] = pages } else { ring.append(pages) }
        places[pages.number] = place
    }

    /// Moves the hand one step, and evicts there if possible. Precondition: the shard is not empty.
    private mutating func makeRoom() {
        hand = hand + 1 < ring.count ? hand + 1 : 0
        guard let pages = ring[hand] else { return }
        if pages.wasAskedFor {
            ring[hand]?.wasAskedFor = false
        } else {
            forget(pages.number)
        }
    }

    @discardableResult
    private mutating func forget(_ number: OrderNumber) -> CachedPages? {
        guard let place = places.removeValue(forKey: number), let pages = ring[place] else { return nil }
        ring[place] = nil
        freePlaces.append(place)
        weight -= pages.weight
        return pages
    }
}
