import Hummingbird
import NIOCore
import PayCore
import PayFlow

/// One event stream: sends the order, as GET returns it, whenever it has changed since the last event.
struct EventStream: Sendable {
    /// The longest life of a stream, so that access is checked again at times. The client reconnects by itself.
    static let longest = Duration.seconds(3_600)

    let watch: LiveWatch
    let isMerchant: Bool
    /// The order as GET returns it to this client.
    let answer: @Sendable (Order, Instant) -> OrderAnswer
    let clock: any PayClock
    let endsAt: Instant

    /// Writes until the news ends, the stream expires, or the client disconnects.
    func run(
        from first: Order, known: String?, _ body: RequestBody, _ writer: inout any ResponseBodyWriter
    ) async throws {
        try await body.consumeWithInboundCloseHandler { _ in
            var told = known
            try await writer.write(ByteBuffer(string: EventText.retry + (event(first, unless: &told) ?? "")))
            for await news in watch.news {
                guard clock.now() < endsAt, case .order(let order, let isBeat) = news else { break }
                guard let text = event(order, unless: &told) ?? (isBeat ? EventText.heartbeat : nil) else { continue }
                try await writer.write(ByteBuffer(string: text))
            }
            try await writer.finish(nil)
        } onInboundClosed: {
            watch.end()
        }
    }

    /// The event for the order. Nil if the client knows this revision.
    private func event(_ order: Order, unless told: inout String?) -> String? {
        let now = clock.now()
        let revision = OrderRevision.of(order, forMerchant: isMerchant, at: now)
        guard revision != told else { return nil }
        told = revision
        return EventText.event(
            id: revision, data: String(decoding: JSONAnswer.bytes(answer(order, now)), as: UTF8.self))
    }
}
