public import PayCore
public import PayFlow

/// The adapter of Stripe Checkout. Each session has one hosted page, which serves every terminal.
///
/// Stripe assigns the session id and offers no query by our number. The id is stored with the page. An attempt may lack
/// a stored id, because its create was never answered or the process died. In that case nobody was given the session's
/// page. The adapter learns the id by repeating the same create with the same Idempotency-Key: Stripe then replays its
/// first answer. If the repeat creates the session, no harm is done: nobody has its page, and a close ends it at once.
public struct StripeProvider: PaymentProvider {
    /// The API version that the adapter is written for. Without it, the account's default version would apply.
    static let version = "2026-10-28.endive"

    /// Stripe may forget a key after a day, and a repeat would then create a second session. No session lives longer
    /// than a day. One hour covers the clocks' difference.
    static let keysAreKeptFor = Duration.seconds(23 * 3_600)

    /// The most pages of a payment's refunds that are read, each of 100 refunds.
    static let mostPages = 10

    /// How far Stripe's clock may be behind ours.
    static let clocksDiffer = Duration.seconds(60)

    /// The longest time for learning a session's id when a second call must follow. Both must end within the time of
    /// one call, because the lease may have no more left. Stripe has stored the result of a slower call and replays it
    /// faster next time.
    static let longestLearning = Duration.milliseconds(1_500)

    private let configuration: StripeConfiguration
    private let verifier: StripeNoticeVerifier
    private let transport: GuardedTransport
    let clock: any PayClock
    private let downloads: FileDownloader?

    /// Without `downloads` the adapter reads no bills.
    public init(
        _ configuration: StripeConfiguration, channel: Channel = ProviderKind.stripe.shortFormChannel,
        transport: GuardedTransport, clock: any PayClock, downloads: FileDownloader? = nil
    ) {
        self.channel = channel
        self.configuration = configuration
        self.verifier = StripeNoticeVerifier(secrets: configuration.webhookSecrets)
        self.transport = transport
        self.clock = clock
        self.downloads = downloads
    }

    public let channel: Channel
    public let kind = ProviderKind.stripe

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

    /// A refund that failed is requested again under another number, and so with another key. Under the same key Stripe
    /// would replay its first answer for a day.
    public func refund(_ refund: RefundRequest) async -> RefundAnswer {
        guard let request = StripeRequest.refund(refund) else { return .refused(reason: "currency_not_served") }
        return RefundAnswer(asked: await call(request), refund)
    }

    public func findRefund(
        _ number: String, of trade: TradeReference, payment: TransactionID
    ) async -> ForeignRefundAnswer {
        if OwnRefundNumber(number) != nil {
            return ForeignRefundAnswer(
                listed: await refunds(of: payment), number, of: trade, payment: payment, at: clock.now())
        }
        return ForeignRefundAnswer(
            await call(.refund(named: number)), number, of: trade, payment: payment, at: clock.now())
    }

    public func follow(_ refund: RefundRequest) async -> RefundAnswer {
        guard refund.cause.isOurs || OwnRefundNumber(refund.number) != nil else {
            return RefundAnswer(found: await call(.refund(named: refund.number)), refund)
        }
        return RefundAnswer(listed: await refunds(of: refund.transactionID), refund)
    }

    public func verify(_ notice: RawNotice, at now: Instant) throws(NoticeRefusal) -> ProviderNotice {
        try verifier.check(notice, at: now)
        guard let event = StripeJSON.decode(StripeEvent.self, from: notice.body),
            let read = ProviderNotice(event, channel: channel, isLive: configuration.isLive)
        else { throw .unreadable }
        return read
    }

    /// Any 2xx ends the retries. Any other status continues them for up to three days.
    public func reply(to reception: NoticeReception) -> NoticeReply {
        switch reception {
        case .stored: NoticeReply(status: 200, contentType: "application/json", body: #"{"received":true}"#)
        case .refused: NoticeReply(status: 400, contentType: "application/json", body: #"{"received":false}"#)
        case .notStored: NoticeReply(status: 500, contentType: "application/json", body: #"{"received":false}"#)
        }
    }

    public var bills: (any BillSource)? { downloads.map { StripeBills(provider: self, downloads: $0) } }
}

extension StripeProvider {
    private func asked(_ number: TradeNumber, _ stored: StoredRequest) -> StripeAsked {
        StripeAsked(number: number, money: stored.money, isLive: configuration.isLive)
    }

    /// The id of a trade's session: the stored id, or Stripe's answer to the repeated create. Once every possible
    /// session has expired, Stripe is not called: an order must not wait until Stripe forgets a stored 500.
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

    /// All refunds of a payment. The pages together may take no longer than one call.
    private func refunds(of payment: TransactionID) async -> StripeRefunds {
        let beginning = clock.uptime()
        var refunds: [StripeRefund] = []
        for _ in 1...Self.mostPages {
            let outcome = await call(.refunds(of: payment, after: refunds.last?.id), since: beginning)
            guard case .done(let body) = outcome,
                let list = StripeJSON.decode(StripeRefundList.self, from: body), list.object == "list"
            else { return .failed(outcome) }
            refunds += list.data
            guard list.has_more, !list.data.isEmpty else { return .listed(refunds, isWhole: !list.has_more) }
        }
        return .listed(refunds, isWhole: false)
    }

    /// `beginning` is the uptime at which the work started that this call ends; nil if it starts now.
    func call(_ request: StripeRequest, since beginning: Duration? = nil) async -> StripeOutcome {
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
