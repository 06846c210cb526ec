/// Migrations by name, in the order in which they are applied.
public struct MigrationReport: Hashable, Sendable {
    public let appliedBefore: [String]
    public let appliedNow: [String]
    public let pending: [String]

    public init(appliedBefore: [String], appliedNow: [String], pending: [String]) {
        self.appliedBefore = appliedBefore
        self.appliedNow = appliedNow
        self.pending = pending
    }
}
