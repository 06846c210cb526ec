package import PayCore
package import PayFlow

/// The mark of a page is its order's version, which every proof reads on the primary.
extension PostgresLedger: PageProofs {
    package func ticket() -> ReadTicket? { ReadTicket(era: 0) }

    package func mark(of version: Int64, readUnder ticket: ReadTicket) -> PageMark { PageMark(version) }

    package func look(at number: OrderNumber, _ mark: PageMark) -> PageVerdict { .mustBeAsked }

    package func ask(about number: OrderNumber, _ mark: PageMark, _ tell: @escaping @Sendable (PageProof) -> Void) {
        proofs.ask(ProofQuestion(number: number.text, version: mark.value, tell: tell))
    }
}
