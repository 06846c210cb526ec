import PayCore

/// A share of the cached pages, by order.
///
/// What makes way for others is found by the clock algorithm: a hand goes round, and takes what wasn't asked for since it
/// came by last.
struct PageShelf {
    struct Found {
        let page: ReadyPage
        let era: UInt32
    }

    /// The pages of an order that were read in one era.
    private struct Entry {
        typealias Answer = (variant: PageVariant, page: ReadyPage)

        let number: OrderNumber
        let era: UInt32
        var wasAskedFor = false
        private var first: Answer
        /// Most orders have none: an empty list takes no memory.
        private var others: [Answer] = []

        /// An order has a page or two, but whoever asks can think of many names for it.
        private static let mostOthers = 7

        init(_ page: ReadyPage, _ variant: PageVariant, era: UInt32) {
            number = page.number
            self.era = era
            first = (variant, page)
        }

        func page(_ variant: PageVariant) -> ReadyPage? {
            first.variant == variant ? first.page : others.first { $0.variant == variant }?.page
        }

        /// Several questions may have one answer: it is kept once.
        mutating func put(_ page: ReadyPage, _ variant: PageVariant) {
            let known = ([first] + others).first { $0.page.isSame(as: page) }?.page ?? page
            guard first.variant != variant else { return first.page = known }
            others.removeAll { $0.variant == variant }
            if others.count == Self.mostOthers { others.removeFirst() }
            others.append((variant, known))
        }

        var weight: Int {
            if others.isEmpty { return first.page.weight }
            let pages = [first.page] + others.map(\.page)
            return pages.indices.reduce(0) { sum, index in
                sum + (pages[..<index].contains { $0 === pages[index] } ? 0 : pages[index].weight)
            }
        }
    }

    /// How often a write began, of the orders that share a place here: many enough that few share one.
    private var writeCounts = [UInt64](repeating: 0, count: 256)
    /// In bytes.
    private let capacity: Int
    private var weight = 0
    private var ring: [Entry?] = []
    private var freePlaces: [Int] = []
    private var hand = 0
    private var places: [OrderNumber: Int] = [:]
    /// The orders that are being written, each as often as it is.
    private var written: [OrderNumber: Int] = [:]

    init(capacity: Int) {
        self.capacity = capacity
    }

    func isWritten(_ number: OrderNumber) -> Bool { written[number] != nil }

    /// Another number than before if a write to the order began since.
    func writes(of number: OrderNumber) -> UInt64 { writeCounts[place(of: number)] }

    private func place(of number: OrderNumber) -> Int {
        // The lowest bits chose the shelf.
        Int((UInt(bitPattern: number.hashValue) >> 8) % UInt(writeCounts.count))
    }

    mutating func find(_ number: OrderNumber, _ variant: PageVariant) -> Found? {
        guard let place = places[number], let entry = ring[place] else { return nil }
        if !entry.wasAskedFor { ring[place]?.wasAskedFor = true }
        return entry.page(variant).map { Found(page: $0, era: entry.era) }
    }

    mutating func put(_ page: ReadyPage, _ variant: PageVariant, era: UInt32) {
        guard var entry = forget(page.number), entry.era == era else {
            return keep(Entry(page, variant, era: era))
        }
        entry.put(page, variant)
        keep(entry)
    }

    mutating func beginWrite(_ number: OrderNumber) {
        writeCounts[place(of: number)] &+= 1
        written[number, default: 0] += 1
        forget(number)
    }

    mutating func endWrite(_ number: OrderNumber) {
        guard let count = written[number] else { return }
        written[number] = count > 1 ? count - 1 : nil
    }

    private mutating func keep(_ entry: Entry) {
        guard entry.weight <= capacity else { return }
        while weight + entry.weight > capacity { makeRoom() }
        weight += entry.weight
        if let place = freePlaces.popLast() {
            ring[place] = entry
            places[entry.number] = place
        } else {
            places[entry.number] = ring.count
            ring.append(entry)
        }
    }

    /// Moves the hand by one. There is something to take: else nothing would weigh anything.
    private mutating func makeRoom() {
        hand = hand + 1 < ring.count ? hand + 1 : 0
        guard let entry = ring[hand] else { return }
        if entry.wasAskedFor {
            ring[hand]?.wasAskedFor = false
        } else {
            forget(entry.number)
        }
    }

    @discardableResult
    private mutating func forget(_ number: OrderNumber) -> Entry? {
        guard let place = places.removeValue(forKey: number), let entry = ring[place] else { return nil }
        ring[place] = nil
        freePlaces.append(place)
        weight -= entry.weight
        return entry
    }
}
