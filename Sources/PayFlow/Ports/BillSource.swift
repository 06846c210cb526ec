public import PayCore

/// A provider's bills. An adapter downloads a bill to a temporary file, checks it, and parses it as a stream: a bill may
/// have a million rows.
public protocol BillSource: Sendable {
    /// Fetches the bill of one day, and hands over its rows in batches, in the order of the bill. Hands over nothing
    /// before the whole file was downloaded and, where the provider names a digest, checked.
    ///
    /// An error of `take` ends the call and is thrown on. Nothing else throws.
    func bill(
        of day: BillDay, _ take: @Sendable ([BillRow]) async throws -> Void
    ) async throws -> BillAnswer
}

/// The provider's answer to the request for a bill.
public enum BillAnswer: Hashable, Sendable {
    /// The rows were handed over.
    case bill(BillFile)
    /// The provider says that the day has no bill, because nothing happened. A missing bill is not an empty bill: the
    /// caller has to compare this answer with the day's receipts and refunds.
    case noneThatDay
    /// The bill is not ready yet. `reason` is the provider's own code, safe to log.
    case notReady(reason: String)
    /// The provider will not give out this bill, or gave out something else, or the file could not be kept or decoded
    /// here. Rows that were handed over before are void. `reason` is safe to log.
    case refused(reason: String)
    case unknown(Doubt)
}

/// A bill that was read to its end.
public struct BillFile: Hashable, Sendable {
    /// The SHA-256 of the bill in lower-case hexadecimal: of the file as it was downloaded, or of the used fields of its
    /// rows where the provider has no file (Stripe).
    public let digest: String
    /// The number of rows that were handed over.
    public let rows: Int

    public init(digest: String, rows: Int) {
        self.digest = digest
        self.rows = rows
    }
}
