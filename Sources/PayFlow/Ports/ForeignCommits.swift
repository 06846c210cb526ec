/// Whether another process has written to the database.
public protocol ForeignCommits: Sendable {
    /// A number that is another one after any commit of another process. Nil when that can't be told at this instant (a
    /// commit is just being published, or another process has just written): what is kept in memory must not be used then.
    func era() -> UInt32?
}
