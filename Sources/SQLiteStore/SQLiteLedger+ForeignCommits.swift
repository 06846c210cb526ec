public import PayFlow

extension SQLiteLedger: ForeignCommits {
    /// Reads two numbers in memory, and never waits.
    public func era() -> UInt32? {
        // A replaced file also ends the use of cached pages.
        guard !file.isMoved else { return nil }
        switch watch.look() {
        case .era(let era): return era
        case .unclear: return nil
        case .mustBeResolved:
            pool.writeLater { [watch] _ in watch.resolve() }
            return nil
        }
    }
}
