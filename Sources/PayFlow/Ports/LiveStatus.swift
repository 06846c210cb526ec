public import PayCore

/// Who is told that an order may have changed, for those who watch it.
public protocol LiveStatus: Sendable {
    /// Called behind the commit, by whoever committed: it returns at once and throws nothing.
    func changed(_ number: OrderNumber)
}

/// Tells whether somebody else has written to what is remembered: another process, while one takes over from another, or
/// an operator's command.
public protocol OtherWriters: Sendable {
    /// A number that differs from the last one told if others have committed anything since.
    func changesByOthers() async throws -> Int64
}
