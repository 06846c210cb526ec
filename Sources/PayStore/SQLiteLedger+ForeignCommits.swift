import GRDB
public import PayFlow

extension SQLiteLedger: ForeignCommits {
    /// Reads two numbers in memory, and never waits.
    public func era() -> UInt32? {
        switch watch.look() {
        case .era(let era): return era
        case .unclear: return nil
        case .mustBeResolved:
            pool.asyncWriteWithoutTransaction { [watch] _ in watch.resolve() }
            return nil
        }
    }
}
