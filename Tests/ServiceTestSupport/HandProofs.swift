package import PayCore
package import PayFlow
import Synchronization

/// Proofs that a test answers by hand, one question after the other.
package final class HandProofs: PageProofs {
    package struct Question: Sendable {
        package let number: OrderNumber
        package let mark: PageMark
        /// Answers the question.
        package let tell: @Sendable (PageProof) -> Void
    }

    private let asked = AsyncStream<Question>.makeStream()
    private let count = Mutex(0)

    package init() {}

    /// The number of questions so far.
    package var questions: Int { count.withLock { $0 } }

    /// The next question, as soon as it is asked.
    package func next() async throws -> Question {
        var questions = asked.stream.makeAsyncIterator()
        guard let question = await questions.next() else { throw CancellationError() }
        return question
    }

    package func ticket() -> ReadTicket? { ReadTicket(era: 0) }

    package func mark(of version: Int64, readUnder ticket: ReadTicket) -> PageMark { PageMark(version) }

    package func look(at number: OrderNumber, _ mark: PageMark) -> PageVerdict { .mustBeAsked }

    package func ask(about number: OrderNumber, _ mark: PageMark, _ tell: @escaping @Sendable (PageProof) -> Void) {
        count.withLock { $0 += 1 }
        asked.continuation.yield(Question(number: number, mark: mark, tell: tell))
    }
}
