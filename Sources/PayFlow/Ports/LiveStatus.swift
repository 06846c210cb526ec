public import PayCore

/// Receives the numbers of changed orders, for the watchers of live orders.
public protocol LiveStatus: Sendable {
    /// Called after the commit, by the caller that committed. Returns at once and throws nothing.
    func changed(_ number: OrderNumber)
}

/// Detects writes of others: another process, while one takes over from another, or an operator's command.
public protocol OtherWriters: Sendable {
    /// A number that changes with every commit of another process.
    func changesByOthers() async throws -> Int64
}
