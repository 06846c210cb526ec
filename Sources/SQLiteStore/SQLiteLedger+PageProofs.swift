package import PayCore
package import PayFlow

/// The mark of a page is the era of its read. SQLite's shared memory tells the current era at once.
extension SQLiteLedger: PageProofs {
    package func ticket() -> ReadTicket? { era().map { ReadTicket(era: Int64($0)) } }

    package func mark(of version: Int64, readUnder ticket: ReadTicket) -> PageMark { PageMark(ticket.era) }

    package func look(at number: OrderNumber, _ mark: PageMark) -> PageVerdict { .known(proof(of: mark)) }

    package func ask(about number: OrderNumber, _ mark: PageMark, _ tell: @escaping @Sendable (PageProof) -> Void) {
        tell(proof(of: mark))
    }

    private func proof(of mark: PageMark) -> PageProof {
        guard let era = era() else { return .unknown }
        return Int64(era) == mark.value ? .same : .other
    }

    /// The number of the current era, which changes with any commit of another process. Nil if it can't be known at
    /// this instant, because a commit is being published or another process has just written.
    ///
    /// Reads two numbers in memory, and never waits.
    func era() -> UInt32? {
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
