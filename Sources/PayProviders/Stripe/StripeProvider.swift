public import PayCore
public import PayFlow

/// The adapter of Stripe Checkout: one hosted page for each session, which serves every terminal.
///
/// A session is named by Stripe, not by us, and can't be asked for by our number. Its name is stored with its page. An
/// attempt that has none stored (its create was never answered, or whoever asked died) has a session that nobody was given
/// the page of, if any: what it is called is learned by sending the very same create again under the same
/// Idempotency-Key, which Stripe answers as it did at first. Should that make the session, it harms nobody either: nobody
/// holds its page, and a close ends it at once.
public struct StripeProvider: PaymentProvider {
    /// What the adapter was written for. Without it the account's own version would decide what words mean.
    static let version = "2026-10-28.endive"

    /// Stripe may forget a key after a day, and would then make a second session; and no session lives longer than a day.
    /// An hour less, so that clocks may differ.
    static let keysAreKeptFor = Duration.seconds(23 * 3_600)

    /// How far Stripe's clock may be behind ours.
    static let clocksDiffer = Duration.seconds(60)

    /// What learning a session's name may take, if a second call is to follow it: both must end within the time of one,
    /// which is all that a lease surely has left. One that took longer has been stored by Stripe, and is answered faster
    /// when it is asked for again.
    static let longestLearning = Duration.milliseconds(1_500)

    private let configuration: StripeConfiguration
    private let verifier: StripeNoticeVerifier
    private let transport: GuardedTransport
    private let clock: any PayClock

    public init(_ configuration: StripeConfiguration, transport: GuardedTransport, clock: any PayClock) {
        self.configuration = configuration
        self.verifier = StripeNoticeVerifier(secret: configuration.webhookSecret)
        self.transport = transport
        self.clock = clock
    }

    public let channel = Channel("stripe")!

    public var terms: ProviderTerms { StripeConfiguration.terms }

    public func pause(at now: Instant) -> Duration? { transport.pause(at: now) }

    public func create(_ request: CreateRequest) async -> CreateAnswer {
        guard StripeConfiguration.terminals.contains(request.terminal) else {
            return .refused(reason: "terminal_not_served")
        }
        let asked = asked(request.tradeNumber, request.stored)
        if let reference = request.reference {
            return CreateAnswer(found: await call(.retrieve(reference)), named: reference, asked)
        }
        guard let create = StripeRequest.create(StripeNewSession(request)) else {
            return .refused(reason: "currency_not_served")
        }
        return CreateAnswer(made: await call(create), asked)
    }

    public func query(_ trade: TradeReference) async -> QueryAnswer {
        let beginning = clock.uptime()
        switch await name(of: trade) {
        case .named(let reference):
            let outcome = await call(.retrieve(reference), since: beginning)
            return QueryAnswer(
                outcome, named: reference, asked(trade.number, trade.stored), channel: channel, at: clock.now())
        case .noSuchSession: return .noSuchTrade
        case .unknown(let doubt): return .unknown(doubt)
        }
    }

    public func close(_ trade: TradeReference) async -> CloseAnswer {
        let beginning = clock.uptime()
        switch await name(of: trade) {
        case .named(let reference):
            return CloseAnswer(
                await call(.expire(reference), since: beginning), named: reference,
                asked(trade.number, trade.stored))
        case .noSuchSession: return .noSuchTrade
        case .unknown(let doubt): return .unknown(doubt)
        }
    }

    /// A refund that has failed can be asked for again only when Stripe has forgotten its key, after a day: until then it
    /// answers as it did at first.
    public func refund(_ refund: Refund) async -> RefundAnswer {
        guard let request = StripeRequest.refund(refund) else { return .refused(reason: "currency_not_served") }
        return RefundAnswer(asked: await call(request), refund)
    }

    public func follow(_ refund: Refund) async -> RefundAnswer {
        RefundAnswer(listed: await call(.refunds(of: refund.transactionID)), refund)
    }

    public func verify(_ notice: RawNotice, at now: Instant) throws(NoticeRefusal) -> ProviderNotice {
        try verifier.check(notice, at: now)
        guard let event = StripeJSON.decode(StripeEvent.self, from: notice.body),
            let read = ProviderNotice(event, channel: channel, isLive: configuration.isLive)
        else { throw .unreadable }
        return read
    }

    /// Any 2xx ends the retries; anything else goes on with them, for up to three days.
    public func reply(to reception: NoticeReception) -> NoticeReply {
        switch reception {
        case .stored: NoticeReply(status: 200, contentType: "application/json", body: #"{"received":true}"#)
        case .refused: NoticeReply(status: 400, contentType: "application/json", body: #"{"received":false}"#)
        case .notStored: NoticeReply(status: 500, contentType: "application/json", body: #"{"received":false}"#)
        }
    }
}

extension StripeProvider {
    private func asked(_ number: TradeNumber, _ stored: StoredRequest) -> StripeAsked {
        StripeAsked(number: number, money: stored.money, isLive: configuration.isLive)
    }

    /// The name of a trade's session: the stored one, or what Stripe says to the create when it is sent again. Nobody is
    /// asked once any session that may have come of it has ended: an order must not wait for a stored 500 to be forgotten.
    private func name(of trade: TradeReference) async -> StripeLearned {
        if let reference = trade.reference { return .named(reference) }
        let begin = clock.now()
        let session = StripeNewSession(number: trade.number, stored: trade.stored, createdAt: trade.createdAt)
        guard begin < trade.createdAt + Self.keysAreKeptFor, begin < session.end + Self.clocksDiffer else {
            return .noSuchSession
        }
        guard let create = StripeRequest.create(session) else { return .noSuchSession }
        let asking = clock.uptime()
        let learned = StripeLearned(await call(create), asked(trade.number, trade.stored))
        if case .named = learned, clock.uptime() - asking > Self.longestLearning {
            return .unknown(.answered(.timeout))
        }
        return learned
    }

    /// `beginning` is the uptime at which the work began that this call ends, where it isn't now.
    private func call(_ request: StripeRequest, since beginning: Duration? = nil) async -> StripeOutcome {
        do throws(TransportError) {
            let reply = try await transport.send(onTheWire(request), since: beginning ?? clock.uptime())
            let verdict = StripeVerdict(
                status: reply.status, error: StripeError.read(reply.body),
                shouldRetry: reply.header("Stripe-Should-Retry")?.lowercased() == "true")
            if verdict == .tooOften { transport.slowDown() }
            return StripeOutcome(verdict, reply)
        } catch {
            switch error.reach {
            case .neverSent: return .neverSent(reason: "\(error.reason)", error.reason.whyUnknown)
            case .mayHaveArrived: return .unknown(error.doubt)
            }
        }
    }

    private func onTheWire(_ request: StripeRequest) -> ProviderRequest {
        var headers = [
            Header(name: "Authorization", value: "Bearer \(configuration.secretKey.reveal())"),
            Header(name: "Stripe-Version", value: Self.version), Header(name: "User-Agent", value: "Paypage"),
        ]
        if request.method == .post {
            headers.append(Header(name: "Content-Type", value: "application/x-www-form-urlencoded"))
        }
        if let key = request.idempotencyKey { headers.append(Header(name: "Idempotency-Key", value: key)) }
        return ProviderRequest(
            method: request.method, url: configuration.baseURL + request.path, headers: headers, body: request.body)
    }
}
