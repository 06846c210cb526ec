/// Everything that a store of orders can do, for its implementations. A flow takes only the part that it needs.
public typealias Ledger = OrderReads & DueWork & OrderDecisions & WriteCheck

/// The check behind the readiness probe.
public protocol WriteCheck: Sendable {
    /// Makes a real write, because a full or read-only disk is detected only by one. Throws if it fails.
    func checkWritable() async throws
}
