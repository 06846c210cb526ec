import Hummingbird
import NIOCore
import PayCore
import PayFlow

/// What one client is sent: the order as GET tells it, whenever that is another than it was told last.
struct EventStream: Sendable {
    /// A stream's longest life: who is told should be asked for a right to it again. The client connects anew.
    static let longest = Duration.seconds(3_600)

    let watch: LiveWatch
    let isMerchant: Bool
    /// The order as GET tells it to this client.
    let answer: @Sendable (Order, Instant) -> OrderAnswer
    let clock: any PayClock
    let endsAt: Instant

    /// Writes until there is no more news, the time is over, or the client has gone away.
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

    /// The event that tells of the order; nil when the client knows.
    private func event(_ order: Order, unless told: inout String?) -> String? {
        let now = clock.now()
        let revision = OrderRevision.of(order, forMerchant: isMerchant, at: now)
        guard revision != told else { return nil }
        told = revision
        return EventText.event(
            id: revision, data: String(decoding: JSONAnswer.bytes(answer(order, now)), as: UTF8.self))
    }
}
