import PayCore

/// The pages of an order that were read in one era, on a ``CacheShard``: small, because there are as many as pages.
struct CachedPages {
    private typealias Answer = (variant: PageVariant, page: ReadyPage)

    let era: UInt32
    var wasAskedFor = false
    private var page: ReadyPage
    /// What ``page`` answers, of the questions that fit.
    private var names: PageNames = []
    /// What else is known. Most orders have none: an empty list takes no memory.
    private var others: [Answer] = []

    /// An order has a page or two, but whoever asks can think of many names for it.
    private static let mostOthers = 8
    /// In bytes: an answer in the list, and a payer's name.
    private static let weightOfOther = 128

    init(_ page: ReadyPage, _ variant: PageVariant, era: UInt32) {
        self.era = era
        self.page = page
        put(page, variant)
    }

    var number: OrderNumber { page.number }

    func page(_ variant: PageVariant) -> ReadyPage? {
        if let name = PageNames(of: page, variant), names.contains(name) { return page }
        return others.isEmpty ? nil : others.first { $0.variant == variant }?.page
    }

    /// Several questions may have one answer: it is kept once.
    mutating func put(_ newPage: ReadyPage, _ variant: PageVariant) {
        let name = PageNames(of: page, variant)
        if let name { names.remove(name) }
        others.removeAll { $0.variant == variant }
        let known = page.isSame(as: newPage) ? page : others.first { $0.page.isSame(as: newPage) }?.page ?? newPage
        if let name, known === page {
            names.insert(name)
        } else {
            if others.count == Self.mostOthers { others.removeFirst() }
            others.append((variant, known))
        }
    }

    var weight: Int {
        if others.isEmpty { return page.weight }
        let pages = [page] + others.map(\.page)
        return pages.indices.reduce(others.count * Self.weightOfOther) { sum, index in
            sum + (pages[..<index].contains { $0 === pages[index] } ? 0 : pages[index].weight)
        }
    }
}

/// Which questions a page answers, of those that name no payer: with its channel or without, with a terminal or without.
private struct PageNames: OptionSet {
    var rawValue: UInt16

    init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The one question; nil when it is of another kind.
    init?(of page: ReadyPage, _ variant: PageVariant) {
        guard variant.openID == nil, variant.channel == nil || variant.channel == page.channel else { return nil }
        let place =
            switch variant.terminal {
            case nil: 0
            case .pc: 1
            case .h5: 2
            case .app: 3
            case .jsapi: 4
            }
        rawValue = 1 << (place * 2 + (variant.channel == nil ? 0 : 1))
    }
}
