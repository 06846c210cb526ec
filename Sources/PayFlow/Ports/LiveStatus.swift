public import PayCore

/// Receives the numbers of changed orders, for the watchers of live orders.
public protocol LiveStatus: Sendable {
    /// Called after the commit, by the caller that committed. Returns at once and throws nothing.
    func changed(_ number: OrderNumber)
}
