/// Which of an order's pages a call asks for. A part that is nil is the live attempt's own.
public struct PageVariant: Hashable, Sendable {
    public let channel: Channel?
    public let terminal: Terminal?
    public let openID: String?

    public static let any = PageVariant(channel: nil, terminal: nil, openID: nil)

    public init(channel: Channel?, terminal: Terminal?, openID: String?) {
        self.channel = channel
        self.terminal = terminal
        self.openID = openID
    }

    /// Compares the openid by its bytes, as the database does: Swift's own `==` takes two spellings of one letter for
    /// the same.
    public static func == (left: PageVariant, right: PageVariant) -> Bool {
        guard left.channel == right.channel, left.terminal == right.terminal else { return false }
        switch (left.openID, right.openID) {
        case (nil, nil): return true
        case (let one?, let other?): return one.utf8.elementsEqual(other.utf8)
        case (nil, _?), (_?, nil): return false
        }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(channel)
        hasher.combine(terminal)
        guard let openID else { return hasher.combine(false) }
        hasher.combine(true)
        for byte in openID.utf8 { hasher.combine(byte) }
    }
}
