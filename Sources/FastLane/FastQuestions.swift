import HummingbirdCore
import NIOCore
import PayAPI
import PayCache
import PayCore
import PayFlow
import Synchronization

/// Reads what a call of the fast lane asks for, by the routes' own rules, and remembers what it came to: shops send the same
/// few queries and bodies all day.
final class FastQuestions: Sendable {
    /// Of each kind: a shop's few channels times terminals. They are looked through one by one.
    private static let mostRemembered = 16
    /// In bytes: a longer one is read anew each time.
    private static let longestRemembered = 256

    private let queries = Mutex<[(query: String, variant: PageVariant)]>([])
    private let bodies = Mutex<[(body: ByteBuffer, contentType: String?, variant: PageVariant)]>([])

    /// Nil for a query with a mistake, or with anything about how the page is drawn.
    func variant(query: String) -> PageVariant? {
        if query.isEmpty { return .any }
        if let known = queries.withLock({ $0.first { $0.query == query }?.variant }) { return known }
        // With a path: without one the library would look for a scheme in it.
        var reader = QueryReader(URI("/?\(query)"))
        guard let question = try? PageQuestion(&reader), !question.namesSize else { return nil }
        if question.variant.openID == nil, query.utf8.count <= Self.longestRemembered {
            queries.withLock { Self.remember((query, question.variant), in: &$0) }
        }
        return question.variant
    }

    /// Nil for a body with a mistake, or one that asks for a page made anew.
    func variant(body: ByteBuffer?, contentType: String?) -> PageVariant? {
        guard let body else { return .any }
        let known = bodies.withLock { bodies in
            bodies.first { $0.contentType == contentType && $0.body == body }?.variant
        }
        if let known { return known }
        guard RequestBodies.isJSON(contentType),
            case .body(let repay) = BodyRules(returnHosts: nil).repay(Array(buffer: body)), !repay.fresh
        else { return nil }
        let variant = PageVariant(
            channel: repay.channel, terminal: repay.terminal, openID: repay.payer?.openID)
        let length = body.readableBytes + (contentType?.utf8.count ?? 0)
        if repay.payer == nil, length <= Self.longestRemembered {
            // A copy of its own: the buffer may be part of a large one.
            let own = ByteBuffer(bytes: body.readableBytesView)
            bodies.withLock { Self.remember((own, contentType, variant), in: &$0) }
        }
        return variant
    }

    /// The oldest makes way: nobody's odd questions stay.
    private static func remember<Question>(_ question: Question, in known: inout [Question]) {
        if known.count == mostRemembered { known.removeFirst() }
        known.append(question)
    }
}
