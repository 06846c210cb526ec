import PayCore
import PayFlow

/// A Stripe event, the content of a notice.
struct StripeEvent: Decodable, Sendable {
    enum Thing: Sendable {
        case session(StripeSession)
        case refund(StripeRefund)
        /// A session that ended, probably without payment. A query decides.
        case endedSession(StripeSession)
        /// An event type that Paypage does not use.
        case other
    }

    let id: String
    let type: String
    /// Seconds since 1970.
    let created: Int64
    let livemode: Bool
    let thing: Thing

    private enum CodingKeys: String, CodingKey {
        case id, object, type, created, livemode, data
    }

    private enum DataKeys: String, CodingKey {
        case object
    }

    init(from decoder: any Decoder) throws {
        let event = try decoder.container(keyedBy: CodingKeys.self)
        let object = try event.decode(String.self, forKey: .object)
        guard object == "event" else {
            throw DecodingError.dataCorruptedError(forKey: .object, in: event, debugDescription: "no event")
        }
        id = try event.decode(String.self, forKey: .id)
        type = try event.decode(String.self, forKey: .type)
        created = try event.decode(Int64.self, forKey: .created)
        livemode = try event.decode(Bool.self, forKey: .livemode)
        let data = try event.nestedContainer(keyedBy: DataKeys.self, forKey: .data)
        switch type {
        case "checkout.session.completed", "checkout.session.async_payment_succeeded":
            thing = .session(try data.decode(StripeSession.self, forKey: .object))
        case "refund.created", "refund.updated", "refund.failed", "charge.refund.updated":
            thing = .refund(try data.decode(StripeRefund.self, forKey: .object))
        case "checkout.session.expired", "checkout.session.async_payment_failed":
            // Nothing is stored from this session's details. If they are unreadable, a retry for days would not help.
            thing = (try? data.decode(StripeSession.self, forKey: .object)).map { .endedSession($0) } ?? .other
        default:
            // Includes charge.refunded, which does not name the refund.
            thing = .other
        }
    }
}

extension ProviderNotice {
    /// Reads an event with a verified signature. Nil if it is invalid; Stripe then sends it again for three days.
    init?(_ event: StripeEvent, channel: Channel, isLive: Bool) {
        guard let id = ProviderReference(event.id) else { return nil }
        switch event.thing {
        case .session(let session):
            guard session.object == "checkout.session" else { return nil }
            let isOurs = event.livemode == isLive && session.livemode == isLive
            let created = Instant(clampingSeconds: event.created)
            self.init(session, id: id.text, channel: channel, paidAt: created, namesOurAccount: isOurs)
        case .endedSession(let session):
            let isOurs = event.livemode == isLive && session.livemode == isLive
            self.init(ended: session, id: id.text, isOurMode: isOurs)
        case .refund(let refund):
            guard refund.object == "refund" else { return nil }
            self.init(refund, id: id.text, isOurMode: event.livemode == isLive)
        case .other:
            self.init(id: id.text, tradeNumber: "", content: .other)
        }
    }

    /// The account may serve other applications. A session without Paypage's metadata is theirs and pays none of our
    /// trades.
    private init?(
        _ session: StripeSession, id: String, channel: Channel, paidAt: Instant, namesOurAccount: Bool
    ) {
        guard session.standing == .paid, let name = session.metadata?.trade_no else {
            self.init(ended: session, id: id, isOurMode: namesOurAccount)
            return
        }
        guard let number = TradeNumber(name) else {
            self.init(id: id, tradeNumber: name, content: .foreignPayment)
            return
        }
        let receipt = Receipt(
            session, number: number, channel: channel, paidAt: paidAt, namesOurAccount: namesOurAccount)
        // The trade number in the metadata may also be used by another shop of the same account. The session id
        // identifies it.
        guard let receipt, let reference = session.reference else { return nil }
        self.init(id: id, tradeNumber: number.text, content: .payment(receipt), about: reference)
    }

    /// A session without a payment. Its trade is queried, unless the session belongs to another application.
    private init(ended session: StripeSession, id: String, isOurMode: Bool) {
        let number = session.metadata?.trade_no.flatMap(TradeNumber.init)
        guard isOurMode, session.object == "checkout.session", let number, let reference = session.reference else {
            self.init(id: id, tradeNumber: "", content: .other)
            return
        }
        self.init(id: id, tradeNumber: number.text, content: .other, about: reference)
    }

    /// A refund without a number of Paypage was made in the dashboard or by another application. It is known by Stripe's
    /// id, and its order by the payment.
    private init(_ refund: StripeRefund, id: String, isOurMode: Bool) {
        let own = refund.ownNumber
        guard isOurMode, let number = own == nil ? refund.id : refund.metadata?.refund_no,
            number.isVisibleASCII(1...ForeignRefund.longestNumber),
            let payment = refund.payment_intent.flatMap({ ProviderReference($0.text) })
        else {
            self.init(id: id, tradeNumber: "", content: .other)
            return
        }
        let content = Content.refund(number: number, RefundAnswer(refund))
        self.init(id: id, tradeNumber: own?.trade.text ?? "", content: content, about: payment)
    }
}
