package import PayCore
package import PayFlow

/// No page is cached: the proof by the order's version is not made yet.
extension PostgresLedger: PageProofs {
    package func ticket() -> ReadTicket? { nil }

    package func mark(of version: Int64, readUnder ticket: ReadTicket) -> PageMark { PageMark(version) }

    package func look(at number: OrderNumber, _ mark: PageMark) -> PageVerdict { .known(.unknown) }

    package func ask(about number: OrderNumber, _ mark: PageMark, _ tell: @escaping @Sendable (PageProof) -> Void) {
        tell(.unknown)
    }
}
