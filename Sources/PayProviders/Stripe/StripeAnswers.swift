import PayCore

/// What came of a call to Stripe, whatever it was about. Stripe signs no replies: that it was Stripe who answered is
/// TLS's word, and the only one there is.
enum StripeOutcome: Sendable {
    /// Done; what it says is in the body.
    case done([UInt8])
    case refused(ProviderError)
    case notAllowed(ProviderError)
    case noSuchObject(ProviderError)
    case neverSent(reason: String, UnknownReason)
    case unknown(Doubt)

    init(_ verdict: StripeVerdict, _ reply: ProviderReply) {
        let error = StripeError.read(reply.body)
        func words(_ code: String, _ weight: ProviderError.Weight) -> ProviderError {
            ProviderError(code: code, message: error?.message?.text, weight: weight)
        }
        switch verdict {
        case .done: self = .done(reply.body)
        case .refused(let code): self = .refused(words(code, .refusal))
        case .notAllowed(let code): self = .notAllowed(words(code, .refusal))
        case .noSuchObject(let code): self = .noSuchObject(words(code, .refusal))
        case .balanceTooLow(let code): self = .unknown(.answered(.code(words(code, .balance))))
        case .unlisted(let code): self = .unknown(.answered(.code(words(code, .refusal))))
        case .retryLater, .tooOften, .unknown:
            // The type alone of an error of Stripe's own says no more than its status.
            guard let error, !reply.isServerError || error.code?.isEmpty == false else {
                self = .unknown(.answered(UnknownReason(unclear: reply)))
                return
            }
            self = .unknown(.answered(.code(words(error.reason, .undecided))))
        }
    }

    /// The doubt that is left when the answer decides nothing. What never left can't land later, as if it had been
    /// answered.
    fileprivate var doubt: Doubt {
        switch self {
        case .unknown(let doubt): doubt
        case .neverSent(_, let reason): .answered(reason)
        case .refused(let error), .notAllowed(let error), .noSuchObject(let error): .answered(.code(error))
        case .done: .answered(.unreadable)
        }
    }

    /// The doubt about an answer that holds no such session: it can't be read, or is about another one.
    fileprivate var doubtAboutSession: Doubt {
        guard case .done(let body) = self, StripeJSON.decode(StripeSession.self, from: body) != nil else {
            return doubt
        }
        return .answered(.otherTrade)
    }

    /// The session that it holds, if it is that trade's, in the mode that the key is for.
    fileprivate func session(
        of number: TradeNumber, named reference: ProviderReference?, isLive: Bool
    ) -> StripeSession? {
        guard case .done(let body) = self, let session = StripeJSON.decode(StripeSession.self, from: body),
            session.isSession(of: number, named: reference), session.livemode == isLive
        else { return nil }
        return session
    }
}

/// A trade as its session is looked for in an answer.
struct StripeAsked: Sendable {
    let number: TradeNumber
    let money: Money
    let isLive: Bool
}

extension CreateAnswer {
    /// The answer to a create. One that Stripe plays back, of a session that nobody was given, is as good as the first.
    init(made outcome: StripeOutcome, _ asked: StripeAsked) {
        switch outcome {
        case .done:
            let session = outcome.session(of: asked.number, named: nil, isLive: asked.isLive)
            guard let session else {
                self = .unknown(outcome.doubtAboutSession)
                return
            }
            self = ProviderPage(session, asked).map { .made($0) } ?? .unknown(outcome.doubt)
        case .refused(let error), .notAllowed(let error): self = .refused(reason: error.code)
        case .neverSent(let reason, let why): self = .notSent(reason: reason, why)
        // To a create nothing can be missing that isn't ours to name.
        case .noSuchObject, .unknown: self = .unknown(outcome.doubt)
        }
    }

    /// The answer to a look at the session that there is, where another page of it is wanted: it has but one.
    init(found outcome: StripeOutcome, named reference: ProviderReference, _ asked: StripeAsked) {
        switch outcome {
        case .done:
            let session = outcome.session(of: asked.number, named: reference, isLive: asked.isLive)
            self = session.map { CreateAnswer(found: $0, asked) } ?? .unknown(outcome.doubtAboutSession)
        // Another account's session, perhaps: it makes way for one of this account.
        case .noSuchObject(let error): self = .refused(reason: error.code)
        case .neverSent(let reason, let why): self = .notSent(reason: reason, why)
        // Nothing was asked for, so nothing can have been refused.
        case .refused, .notAllowed, .unknown: self = .unknown(outcome.doubt)
        }
    }

    private init(found session: StripeSession, _ asked: StripeAsked) {
        switch session.standing {
        case .open: self = ProviderPage(session, asked).map { .made($0) } ?? .unknown(.answered(.unreadable))
        case .paid: self = .alreadyPaid
        case .expired: self = .alreadyClosed
        case .awaitingMoney, .unclear: self = .unknown(.answered(.unreadable))
        }
    }
}

extension ProviderPage {
    /// The one page of an open session, which serves every terminal as long as the session lives. Nil where the session
    /// isn't what was asked for.
    fileprivate init?(_ session: StripeSession, _ asked: StripeAsked) {
        guard session.standing == .open, session.asks(for: asked.money), let url = session.safeURL,
            let reference = session.reference, let endsAt = session.expires_at.flatMap(Instant.init(stripeSeconds:))
        else { return nil }
        self.init(
            kind: .redirect, content: url, serves: StripeConfiguration.terminals, usableFor: nil, sessionEndsAt: endsAt,
            reference: reference)
    }
}

/// The name of a trade's session, when the attempt hasn't stored it.
enum StripeLearned: Hashable, Sendable {
    case named(ProviderReference)
    case noSuchSession
    case unknown(Doubt)

    /// Reads the answer to a create that was sent again to learn what the first came to.
    ///
    /// A refusal says that there is none: Stripe plays a stored answer back before it looks at what is asked, so what it
    /// refuses now, for an `expires_at` that is too near by now, say, has no answer stored.
    init(_ outcome: StripeOutcome, _ asked: StripeAsked) {
        switch outcome {
        case .done:
            let session = outcome.session(of: asked.number, named: nil, isLive: asked.isLive)
            self = session.flatMap(\.reference).map { .named($0) } ?? .unknown(outcome.doubtAboutSession)
        case .refused: self = .noSuchSession
        case .notAllowed, .noSuchObject, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }
}

extension QueryAnswer {
    /// `now` stands for when the money came: a session doesn't tell.
    init(
        _ outcome: StripeOutcome, named reference: ProviderReference, _ asked: StripeAsked, channel: Channel,
        at now: Instant
    ) {
        switch outcome {
        case .done:
            guard let session = outcome.session(of: asked.number, named: reference, isLive: asked.isLive) else {
                self = .unknown(outcome.doubtAboutSession)
                return
            }
            self.init(session, asked, channel: channel, at: now)
        case .noSuchObject: self = .noSuchTrade
        case .refused, .notAllowed, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    private init(_ session: StripeSession, _ asked: StripeAsked, channel: Channel, at now: Instant) {
        switch session.standing {
        case .open, .awaitingMoney: self = .unpaid
        case .expired: self = .closed
        case .unclear: self = .unknown(.answered(.unreadable))
        case .paid:
            let receipt = Receipt(session, number: asked.number, channel: channel, paidAt: now, namesOurAccount: true)
            self = receipt.map { .paid($0) } ?? .unknown(.answered(.unreadable))
        }
    }
}

extension CloseAnswer {
    init(_ outcome: StripeOutcome, named reference: ProviderReference, _ asked: StripeAsked) {
        switch outcome {
        case .done:
            let session = outcome.session(of: asked.number, named: reference, isLive: asked.isLive)
            guard let session else {
                self = .unknown(outcome.doubtAboutSession)
                return
            }
            self = session.standing == .expired ? .accepted : .unknown(outcome.doubt)
        case .noSuchObject: self = .noSuchTrade
        // It is over already, one way or the other: the query tells.
        case .refused(let error): self = .refused(reason: error.code)
        case .notAllowed, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }
}

extension RefundAnswer {
    /// The answer to a refund that was asked for.
    init(asked outcome: StripeOutcome, _ refund: Refund) {
        switch outcome {
        case .done(let body):
            guard let made = StripeJSON.decode(StripeRefund.self, from: body) else {
                self = .unknown(outcome.doubt)
                return
            }
            self = made.isRefund(refund) ? RefundAnswer(made.standing) : .unknown(.answered(.otherTrade))
        case .refused(let error), .noSuchObject(let error): self = .refused(reason: error.code)
        case .notAllowed, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    /// The answer to a look at all refunds of the payment. Ours is the one that bears its number; of several, made one
    /// after the other because the first failed, the one that got farthest.
    init(listed outcome: StripeOutcome, _ refund: Refund) {
        switch outcome {
        case .done(let body):
            guard let list = StripeJSON.decode(StripeRefundList.self, from: body), list.object == "list" else {
                self = .unknown(outcome.doubt)
                return
            }
            self.init(list, refund)
        case .noSuchObject: self = .noSuchRefund
        case .refused, .notAllowed, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }

    private init(_ list: StripeRefundList, _ refund: Refund) {
        let named = list.data.filter { $0.metadata?.refund_no == refund.number }
        guard !named.isEmpty else {
            self = list.has_more ? .unknown(.answered(.otherTrade)) : .noSuchRefund
            return
        }
        guard named.allSatisfy({ $0.isRefund(refund) }) else {
            self = .unknown(.answered(.otherTrade))
            return
        }
        self = named.map(\.standing).max().map { RefundAnswer($0) } ?? .unknown(.answered(.unreadable))
    }

    init(_ standing: StripeRefund.Standing) {
        switch standing {
        case .succeeded: self = .succeeded
        case .underWay: self = .submitted
        case .waitsForBalance: self = .held(ProviderError(code: StripeRefund.balanceReason, weight: .balance))
        case .unclear: self = .unknown(.answered(.unreadable))
        case .failed: self = .refused(reason: "failed")
        case .canceled: self = .refused(reason: "canceled")
        }
    }
}

extension StripeRefund {
    /// In the order of how much it tells: a refund that may be under way weighs more than one that has failed.
    enum Standing: Int, Comparable {
        case failed, canceled, unclear, waitsForBalance, underWay, succeeded

        static func < (left: Standing, right: Standing) -> Bool { left.rawValue < right.rawValue }
    }

    /// Why a refund is pending that waits for the merchant to top up its balance.
    static let balanceReason = "insufficient_funds"

    var standing: Standing {
        switch status {
        case "succeeded": .succeeded
        case "pending" where pending_reason == Self.balanceReason: .waitsForBalance
        case "pending", "requires_action": .underWay
        case "failed": .failed
        case "canceled": .canceled
        default: .unclear
        }
    }

    /// Whether it is that refund, of that payment and that much.
    fileprivate func isRefund(_ refund: Refund) -> Bool {
        object == "refund" && metadata?.refund_no == refund.number && payment_intent?.text == refund.transactionID.text
            && amount == refund.money.amount && currency != nil
            && currency == StripeCurrency.wire(refund.money.currency)
    }
}

extension Receipt {
    /// Nil when the session doesn't say what money came: without its payment's name it could be neither told from another
    /// nor given back.
    init?(
        _ session: StripeSession, number: TradeNumber, channel: Channel, paidAt: Instant, namesOurAccount: Bool
    ) {
        guard let transactionID = session.payment_intent.flatMap({ TransactionID($0.text) }),
            let amount = session.amount_total, let currency = session.currency
        else { return nil }
        self.init(
            channel: channel, tradeNumber: number, transactionID: transactionID, amount: amount,
            currencyCode: StripeCurrency.code(currency), paidAt: paidAt, namesOurAccount: namesOurAccount)
    }
}

extension Instant {
    /// Nil for seconds that can't be stored.
    init?(stripeSeconds seconds: Int64) {
        guard (0...Instant.latest.milliseconds / 1_000).contains(seconds) else { return nil }
        self.init(clampingSeconds: seconds)
    }
}
