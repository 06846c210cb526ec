import PayCore

/// The cached pages of one order, all read in the same era. The layout is compact, because the cache holds many of
/// them.
struct CachedPages {
    private typealias Answer = (variant: PageVariant, page: ReadyPage)

    let era: UInt32
    var wasAskedFor = false
    private var page: ReadyPage
    /// The common variants that ``page`` answers.
    private var names: PageNames = []
    /// All other answers. Most orders have none, and an empty list takes no memory.
    private var others: [Answer] = []

    /// An order has one or two pages, but callers can name them by many payers.
    private static let mostOthers = 8
    /// In bytes: an entry of the list, with its payer.
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

    /// A page that answers several variants is kept once.
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

/// The variants without a payer that a page answers: with or without its channel, with or without a terminal.
private struct PageNames: OptionSet {
    var rawValue: UInt16

    init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// The set of this one variant. Nil if it names a payer or another channel.
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
