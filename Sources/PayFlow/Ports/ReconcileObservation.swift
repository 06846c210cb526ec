public import PayCore

/// An event of the reconciliation that is counted or logged.
public enum ReconcileObservation: Hashable, Sendable {
    case billLoaded(Channel, BillDay, rows: Int)
    /// The provider has no bill of the day, and the books have no money of the day.
    case noBill(Channel, BillDay)
    /// The bill is fetched again later.
    case billNotLoaded(Channel, BillDay, why: String)
    /// A process took over the fetch of the bill.
    case billTakenOver(Channel, BillDay)
    case differenceOpened(OpenedDifference)
    /// The open differences of a channel, by kind.
    case openDifferences(Channel, [DifferenceKind: Int])
    /// The time since the end of the last day whose bill is loaded.
    case age(Channel, Duration)
    /// A line's trade could not be queried; a later comparison tries again.
    case lineNotQueried(Channel, TradeNumber, why: String)
    /// The comparison of a channel failed; the next run tries again.
    case notCompared(Channel, why: String)
}
