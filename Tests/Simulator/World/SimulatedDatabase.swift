import PayFlow

/// The database of worlds that run one after the other.
protocol SimulatedDatabase: AnyObject {
    /// Makes the database empty for the next world.
    func empty() throws

    /// The ledger of a process, with connections of its own.
    ///
    /// - Parameter slot: the number of the process, from zero. A process that starts again has the same number.
    func ledger(_ slot: Int) throws -> any Store

    /// Ends a world. Its processes make no more calls.
    func endWorld()

    /// Closes every connection, and deletes the database.
    func delete()
}
