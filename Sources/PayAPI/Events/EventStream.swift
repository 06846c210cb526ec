import Hummingbird
import NIOCore
import PayCore
import PayFlow

/// One event stream: sends the order, as GET returns it, whenever it has changed since the last event.
final class EventStream: Sendable {
    /// The longest life of a stream, so that access is checked again at times. The client reconnects by itself.
    static let longest = Duration.seconds(3_600)

    let watch: LiveWatch
    let first: Order
    /// The revision that the client knows.
    let known: String?
    let isMerchant: Bool
    /// The order as GET returns it to this client.
    let answer: @Sendable (Order, Instant) -> OrderAnswer
    let clock: any PayClock
    let endsAt: Instant

    init(
        watch: LiveWatch, first: Order, known: String?, isMerchant: Bool, clock: any PayClock, endsAt: Instant,
        answer: @escaping @Sendable (Order, Instant) -> OrderAnswer
    ) {
        self.watch = watch
        self.first = first
        self.known = known
        self.isMerchant = isMerchant
        self.clock = clock
        self.endsAt = endsAt
        self.answer = answer
    }

    /// Writes until the news ends, the stream expires, or the client disconnects.
    func run(on channel: any NIOCore.Channel, _ writer: inout any ResponseBodyWriter) async throws {
        let end = ConnectionEvent.tellEnd { [weak watch] in watch?.end() }
        channel.triggerUserOutboundEvent(end, promise: nil)
        var told = known
        try await writer.write(opening(&told))
        for await news in watch.news {
            guard let bytes = bytes(for: news, &told) else { break }
            if bytes.readableBytes > 0 { try await writer.write(bytes) }
        }
        try await writer.finish(nil)
    }

    // A task keeps the memory of the variables of its functions, so orders are not among those of `run`.

    @inline(never)
    private func opening(_ told: inout String?) -> ByteBuffer {
        ByteBuffer(string: EventText.retry + (event(first, unless: &told) ?? ""))
    }

    /// The bytes to write; none if there is nothing to tell. Nil at the end of the stream.
    @inline(never)
    private func bytes(for news: LiveNews, _ told: inout String?) -> ByteBuffer? {
        guard clock.now() < endsAt, case .order(let order, let isBeat) = news else { return nil }
        return ByteBuffer(string: event(order, unless: &told) ?? (isBeat ? EventText.heartbeat : ""))
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
