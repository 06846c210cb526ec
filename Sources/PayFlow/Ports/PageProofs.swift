public import PayCore

/// Proves that a cached page is still what the store has.
///
/// A page is cached with a mark. The page may be served to a request only if the mark was proven after the request came
/// in.
public protocol PageProofs: Sendable {
    /// The ticket for a page that is read after this call. Nil while no page can be cached.
    func ticket() -> ReadTicket?

    /// The mark of a page that was read under the ticket, in one snapshot with its order's version.
    func mark(of version: Int64, readUnder ticket: ReadTicket) -> PageMark

    /// The proof, if it is known at once. Never waits.
    func look(at number: OrderNumber, _ mark: PageMark) -> PageVerdict

    /// Asks the store for the proof. Calls `tell` once, on any thread, possibly before this call returns.
    func ask(about number: OrderNumber, _ mark: PageMark, _ tell: @escaping @Sendable (PageProof) -> Void)
}

/// The state of the store before a read.
public struct ReadTicket: Hashable, Sendable {
    public let era: Int64

    public init(era: Int64) {
        self.era = era
    }
}

/// The mark of a cached page: the era of its read, or the version of its order.
public struct PageMark: Hashable, Sendable {
    public let value: Int64

    public init(_ value: Int64) {
        self.value = value
    }
}

/// Whether a cached page is still what the store has.
public enum PageProof: Hashable, Sendable {
    /// The order has not changed since the page was read.
    case same
    /// The order may have changed.
    case other
    /// The store can't tell now. The page must not be served.
    case unknown
}

/// The proof of a cached page, or that the store has to be asked for it.
public enum PageVerdict: Hashable, Sendable {
    case known(PageProof)
    case mustBeAsked
}
