import NIOCore
import PayCore
import Synchronization

/// A cache of rendered checkout pages, so that reloading a link is cheap.
///
/// The page of an order is kept for the rest of its second, because the page shows the remaining time. A page without
/// an order (an unknown link, a failure) is the same for everybody, so it is rendered once for each language and
/// terminal.
final class CheckoutPages: Sendable {
    /// The part of the cache key of an order's page that comes from the request.
    struct Question: Hashable, Sendable {
        let token: String
        let reading: CheckoutReading
        let channels: [PayCore.Channel]
        let isLinkOver: Bool
    }

    /// A page without an order.
    enum Fixed: Hashable, Sendable {
        case noLink, broken
    }

    private struct FixedName: Hashable {
        let page: Fixed
        let language: CheckoutLanguage
        let terminal: Terminal
        let acceptsGzip: Bool
    }

    private struct Drawn {
        let order: Order
        let at: Instant
        let html: CheckoutHTML
    }

    private struct Pages {
        package var second: Int64 = 0
        var ofOrders: [Question: Drawn] = [:]
        package var bytes = 0
        /// Two kinds in each language, for each terminal, compressed and not.
        package var fixed: [FixedName: CheckoutHTML] = [:]
    }

    /// In bytes, for pages of orders. Further pages of the same second are not kept.
    private static let mostBytes = 4 << 20

    private let deadlines: Deadlines
    private let pages = Mutex(Pages())

    init(deadlines: Deadlines) {
        self.deadlines = deadlines
    }

    /// The cached page, if the order is unchanged and no turning point has passed since.
    func page(_ question: Question, of order: Order, at now: Instant) -> CheckoutHTML? {
        let drawn = pages.withLock { $0.second == Self.second(of: now) ? $0.ofOrders[question] : nil }
        guard let drawn, drawn.at <= now, drawn.order == order,
            !order.turningPoints(deadlines).contains(where: { drawn.at < $0 && $0 <= now })
        else { return nil }
        return drawn.html
    }

    func keep(_ html: CheckoutHTML, _ question: Question, of order: Order, at now: Instant) {
        pages.withLock { pages in
            let second = Self.second(of: now)
            if pages.second != second { (pages.second, pages.ofOrders, pages.bytes) = (second, [:], 0) }
            guard pages.bytes + html.bytes.readableBytes <= Self.mostBytes else { return }
            pages.bytes += html.bytes.readableBytes
            pages.ofOrders[question] = Drawn(order: order, at: now, html: html)
        }
    }

    func fixed(_ page: Fixed, _ reading: CheckoutReading, draw: () -> CheckoutHTML) -> CheckoutHTML {
        let name = FixedName(
            page: page, language: reading.language, terminal: reading.terminal, acceptsGzip: reading.acceptsGzip)
        if let known = pages.withLock({ $0.fixed[name] }) { return known }
        let html = draw()
        pages.withLock { $0.fixed[name] = html }
        return html
    }

    private static func second(of now: Instant) -> Int64 { now.milliseconds / 1_000 }
}

extension Order {
    /// The instants at which the page of this order changes by time alone.
    fileprivate func turningPoints(_ deadlines: Deadlines) -> [Instant] {
        [deadline, deadlines.cutOff(of: deadline), deadlines.providerDeadline(of: deadline)]
            + (lease.map { [$0.endsAt] } ?? []) + attempts.flatMap { $0.pages.map(\.expiresAt) }
    }
}
