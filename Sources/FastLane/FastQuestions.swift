import HummingbirdCore
import NIOCore
import PayAPI
import PayCache
import PayCore
import PayFlow
import Synchronization

/// Parses queries and bodies by the rules of the routes, and remembers the results, because shops send the same few
/// queries and bodies all day.
final class FastQuestions: Sendable {
    /// The number of remembered entries of each kind: a shop's channels times terminals. The search is linear.
    private static let mostRemembered = 16
    /// In bytes. A longer query or body is parsed each time.
    private static let longestRemembered = 256

    private let queries = Mutex<[(query: String, variant: PageVariant)]>([])
    private let bodies = Mutex<[(body: ByteBuffer, contentType: String?, variant: PageVariant)]>([])

    /// Nil for an invalid query, and for one with options for a picture.
    func variant(query: String) -> PageVariant? {
        if query.isEmpty { return .any }
        if let known = queries.withLock({ $0.first { $0.query == query }?.variant }) { return known }
        // The path is needed: without one, `URI` would look for a scheme.
        var reader = QueryReader(URI("/?\(query)"))
        guard let question = try? PageQuestion(&reader), !question.namesSize else { return nil }
        if question.variant.openID == nil, query.utf8.count <= Self.longestRemembered {
            queries.withLock { Self.remember((query, question.variant), in: &$0) }
        }
        return question.variant
    }

    /// Nil for an invalid body, and for one that requests a fresh page.
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
            // Copied, because the buffer may be a slice of a large one.
            let own = ByteBuffer(bytes: body.readableBytesView)
            bodies.withLock { Self.remember((own, contentType, variant), in: &$0) }
        }
        return variant
    }

    /// The oldest entry is evicted, so that unusual entries don't stay.
    private static func remember<Question>(_ question: Question, in known: inout [Question]) {
        if known.count == mostRemembered { known.removeFirst() }
        known.append(question)
    }
}
