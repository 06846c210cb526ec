import PayCore

/// The outcome of a call to Stripe, for every call. Stripe does not sign its replies; TLS is the only proof of their
/// origin.
enum StripeOutcome: Sendable {
    /// Success, with the body.
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
            // If a 5xx error has a type but no code, it says no more than its status.
            guard let error, !reply.isServerError || error.code?.isEmpty == false else {
                self = .unknown(.answered(UnknownReason(unclear: reply)))
                return
            }
            self = .unknown(.answered(.code(words(error.reason, .undecided))))
        }
    }

    /// The doubt when the answer decides nothing. A request that was never sent cannot arrive later, so it counts as
    /// answered.
    var doubt: Doubt {
        switch self {
        case .unknown(let doubt): doubt
        case .neverSent(_, let reason): .answered(reason)
        case .refused(let error), .notAllowed(let error), .noSuchObject(let error): .answered(.code(error))
        case .done: .answered(.unreadable)
        }
    }

    /// The doubt about an answer without the requested session: it is unreadable or names another trade.
    fileprivate var doubtAboutSession: Doubt {
        guard case .done(let body) = self, StripeJSON.decode(StripeSession.self, from: body) != nil else {
            return doubt
        }
        return .answered(.otherTrade)
    }

    /// The session in the answer, if it belongs to that trade and has the key's mode.
    fileprivate func session(
        of number: TradeNumber, named reference: ProviderReference?, isLive: Bool
    ) -> StripeSession? {
        guard case .done(let body) = self, let session = StripeJSON.decode(StripeSession.self, from: body),
            session.isSession(of: number, named: reference), session.livemode == isLive
        else { return nil }
        return session
    }
}

/// The trade that an answer's session is compared with.
struct StripeAsked: Sendable {
    let number: TradeNumber
    let money: Money
    let isLive: Bool
}

extension CreateAnswer {
    /// The answer to a create. A replayed answer is as good as the first one, because nobody was given its session's
    /// page.
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
        // A create names no existing object, so this answer decides nothing.
        case .noSuchObject, .unknown: self = .unknown(outcome.doubt)
        }
    }

    /// The answer to a query of the existing session, when another page is needed. A session has only one page.
    init(found outcome: StripeOutcome, named reference: ProviderReference, _ asked: StripeAsked) {
        switch outcome {
        case .done:
            let session = outcome.session(of: asked.number, named: reference, isLive: asked.isLive)
            self = session.map { CreateAnswer(found: $0, asked) } ?? .unknown(outcome.doubtAboutSession)
        // Possibly a session of another account. It is superseded by a session of this account.
        case .noSuchObject(let error): self = .refused(reason: error.code)
        case .neverSent(let reason, let why): self = .notSent(reason: reason, why)
        // A query cannot be refused as a create is, so the outcome is unknown.
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
    /// The one page of an open session. It serves every terminal until the session expires. Nil if the session does not
    /// match the request.
    fileprivate init?(_ session: StripeSession, _ asked: StripeAsked) {
        guard session.standing == .open, session.asks(for: asked.money), let url = session.safeURL,
            let reference = session.reference, let endsAt = session.expires_at.flatMap(Instant.init(stripeSeconds:))
        else { return nil }
        self.init(
            kind: .redirect, content: url, serves: StripeConfiguration.terminals, usableFor: nil, sessionEndsAt: endsAt,
            reference: reference)
    }
}

/// The id of a trade's session, if the attempt has not stored it.
enum StripeLearned: Hashable, Sendable {
    case named(ProviderReference)
    case noSuchSession
    case unknown(Doubt)

    /// Reads the answer to a repeated create, which shows the result of the first one.
    ///
    /// A refusal means that there is no session. Stripe replays a stored answer before it validates the request. So a
    /// request that fails validation now, for example because its `expires_at` is too near, has no stored answer.
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
    /// `now` becomes the time of payment, because a session does not contain it.
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
        // The session is already paid or expired; the query tells which.
        case .refused(let error): self = .refused(reason: error.code)
        case .notAllowed, .neverSent, .unknown: self = .unknown(outcome.doubt)
        }
    }
}

extension Receipt {
    /// Nil if the session does not show the payment. Without the payment's id, the receipt could not be deduplicated or
    /// refunded.
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
    /// Nil if the seconds are out of range.
    init?(stripeSeconds seconds: Int64) {
        guard (0...Instant.latest.milliseconds / 1_000).contains(seconds) else { return nil }
        self.init(clampingSeconds: seconds)
    }
}
