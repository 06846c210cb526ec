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
        let number: OrderNumber
        let era: UInt32
        var answers: [(variant: PageVariant, page: ReadyPage)] = []
        var wasAskedFor = false

        /// An order has a page or two, but whoever asks can think of many names for it.
        static let mostAnswers = 8

        func page(_ variant: PageVariant) -> ReadyPage? {
            answers.first { $0.variant == variant }?.page
        }

        /// Several questions may have one answer: it is kept once.
        mutating func put(_ page: ReadyPage, _ variant: PageVariant) {
            let known = answers.first { $0.page.isSame(as: page) }?.page
            answers.removeAll { $0.variant == variant }
            if answers.count == Self.mostAnswers { answers.removeFirst() }
            answers.append((variant, known ?? page))
        }

        var weight: Int {
            let pages = answers.map(\.page)
            return pages.indices.reduce(0) { sum, index in
                sum + (pages[..<index].contains { $0 === pages[index] } ? 0 : pages[index].weight)
            }
        }
    }

    /// How often a write began.
    private(set) var writes: UInt64 = 0

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

    mutating func find(_ number: OrderNumber, _ variant: PageVariant) -> Found? {
        guard let place = places[number], let entry = ring[place] else { return nil }
        if !entry.wasAskedFor { ring[place]?.wasAskedFor = true }
        return entry.page(variant).map { Found(page: $0, era: entry.era) }
    }

    mutating func put(_ page: ReadyPage, _ variant: PageVariant, era: UInt32) {
        let known = forget(page.number)
        var entry = known.flatMap { $0.era == era ? $0 : nil } ?? Entry(number: page.number, era: era)
        entry.put(page, variant)
        keep(entry)
    }

    mutating func beginWrite(_ number: OrderNumber) {
        writes &+= 1
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
