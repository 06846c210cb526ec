package import PayCore
package import PayFlow

/// Selects one of an order's pages. A nil value means the live attempt's own.
package struct PageVariant: Equatable {
    package let channel: Channel?
    package let terminal: Terminal?
    package let openID: String?

    package init(channel: Channel?, terminal: Terminal?, openID: String?) {
        self.channel = channel
        self.terminal = terminal
        self.openID = openID
    }

    package static let any = PageVariant(channel: nil, terminal: nil, openID: nil)

    /// Compares openids by their bytes, as the database does. Swift's own `==` treats two Unicode spellings of a letter
    /// as equal.
    package static func == (left: PageVariant, right: PageVariant) -> Bool {
        guard left.channel == right.channel, left.terminal == right.terminal else { return false }
        switch (left.openID, right.openID) {
        case (nil, nil): return true
        case (let one?, let other?): return one.utf8.elementsEqual(other.utf8)
        case (nil, _?), (_?, nil): return false
        }
    }
}

extension PageVariant {
    package init(_ query: LivePageQuery) {
        self.init(channel: query.channel, terminal: query.terminal, openID: query.openID)
    }

    package func query(of number: OrderNumber) -> LivePageQuery {
        LivePageQuery(number: number, channel: channel, terminal: terminal, openID: openID)
    }
}
