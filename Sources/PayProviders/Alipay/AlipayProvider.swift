public import PayCore
public import PayFlow

/// The adapter of Alipay's gateway (version 2, RSA2). Translates Paypage's requests and Alipay's answers.
public struct AlipayProvider: PaymentProvider {
    public let channel: Channel
    public let kind = ProviderKind.alipay
    let configuration: AlipayConfiguration
    private let signer: AlipaySigner
    private let trust: AlipayTrust
    private let transport: GuardedTransport
    let clock: any PayClock
    private let downloads: FileDownloader?

    public let terms: ProviderTerms

    /// Without `downloads` the adapter reads no bills. `onFetch` gets the result of each fetch of a certificate of
    /// Alipay's.
    public init(
        _ configuration: AlipayConfiguration, channel: Channel = ProviderKind.alipay.shortFormChannel,
        transport: GuardedTransport, clock: any PayClock, downloads: FileDownloader? = nil,
        onFetch: @escaping @Sendable (AlipayCertificateFetch) -> Void = { _ in }
    ) {
        self.channel = channel
        self.configuration = configuration
        terms = configuration.terms
        signer = AlipaySigner(configuration)
        trust =
            switch configuration.keys {
            case .publicKeys(let keys): .publicKeys(keys)
            case .certificates(let configured):
                .certificates(
                    AlipayKnownCertificates(
                        configured, signer: signer, transport: transport, clock: clock, onFetch: onFetch))
            }
        self.transport = transport
        self.clock = clock
        self.downloads = downloads
    }

    /// The certificates that verify Alipay's messages; nil in public key mode.
    public var certificates: AlipayKnownCertificates? { trust.certificates }

    public var pageFormTargets: [String] { configuration.pageFormTargets }

    public func pause(at now: Instant) -> Duration? { transport.pause(at: now) }

    public func create(_ request: CreateRequest) async -> CreateAnswer {
        let money = request.stored.money
        guard money.currency.code == AlipayConfiguration.currency else {
            return .refused(reason: "CURRENCY_NOT_TAKEN")
        }
        guard money.amount <= AlipayConfiguration.largestAmount else { return .refused(reason: "AMOUNT_TOO_LARGE") }
        switch request.terminal {
        case .pc where configuration.pcMethod == .precreate:
            let content = AlipayWire.Pay(request, by: .precreate)
            let outcome = await call(
                .precreate, content, about: request.tradeNumber, notifyURL: request.stored.notifyURL)
            return CreateAnswer(outcome, number: request.tradeNumber)
        case .pc: return .made(browserPage(request, by: .pagePay))
        case .h5: return .made(browserPage(request, by: .wapPay))
        case .app: return .made(appPage(request))
        case .jsapi, .mini: return .refused(reason: "TERMINAL_NOT_SERVED")
        }
    }

    public func query(_ trade: TradeReference) async -> QueryAnswer {
        let outcome = await call(
            .query, AlipayWire.TradeName(tradeNumber: trade.number.text), about: trade.number)
        return QueryAnswer(
            outcome, number: trade.number, channel: channel, sellerID: configuration.sellerID, at: clock.now())
    }

    public func close(_ trade: TradeReference) async -> CloseAnswer {
        CloseAnswer(
            await call(.close, AlipayWire.TradeName(tradeNumber: trade.number.text), about: trade.number))
    }

    public func refund(_ refund: RefundRequest) async -> RefundAnswer {
        let outcome = await call(.refund, AlipayWire.Refund(refund), about: refund.tradeNumber)
        return RefundAnswer(submitting: outcome, of: refund)
    }

    public func findRefund(
        _ number: String, of trade: TradeReference, payment: TransactionID
    ) async -> ForeignRefundAnswer {
        let content = AlipayWire.RefundName(transactionID: payment.text, refundNumber: number)
        let outcome = await call(.refundQuery, content, about: trade.number)
        return ForeignRefundAnswer(outcome, number, of: trade, payment: payment, at: clock.now())
    }

    public func follow(_ refund: RefundRequest) async -> RefundAnswer {
        let content = AlipayWire.RefundName(
            transactionID: refund.transactionID.text, refundNumber: refund.number)
        return RefundAnswer(following: await call(.refundQuery, content, about: refund.tradeNumber), of: refund)
    }

    /// Notices have no timestamp to check. A replayed notice repeats a known fact and changes nothing.
    public func verify(_ notice: RawNotice, at now: Instant) throws(NoticeRefusal) -> ProviderNotice {
        guard let fields = AlipayNoticeFields(notice.body) else { throw .unreadable }
        switch trust.verdict(on: fields, at: now) {
        case .signed: break
        case .unsigned, .badSignature: throw .badSignature
        case .unknownCertificate: throw .unknownSerial
        }
        guard let read = ProviderNotice(fields, channel: channel, configuration: configuration, at: now) else {
            throw .unreadable
        }
        return read
    }

    /// Alipay repeats a notice up to eight times in a day, until it reads these seven bytes.
    public func reply(to reception: NoticeReception) -> NoticeReply {
        switch reception {
        case .stored: NoticeReply(status: 200, contentType: "text/plain", body: "success")
        case .refused: NoticeReply(status: 400, contentType: "text/plain", body: "failure")
        case .notStored: NoticeReply(status: 500, contentType: "text/plain", body: "failure")
        }
    }

    public var bills: (any BillSource)? { downloads.map { AlipayBills(provider: self, downloads: $0) } }
}

extension AlipayProvider {
    /// Sends nothing. The trade is created when the buyer's browser opens the page.
    private func browserPage(_ request: CreateRequest, by method: AlipayMethod) -> ProviderPage {
        let signed = signer.sign(
            method, AlipayWire.Pay(request, by: method), notifyURL: request.stored.notifyURL,
            returnURL: request.stored.returnURL, at: clock.now())
        return ProviderPage(
            kind: .html, content: AlipayPageForm.document(signed, gatewayURL: configuration.gatewayURL),
            serves: [request.terminal], usableFor: nil)
    }

    /// Sends nothing. Alipay's app creates the trade and returns to the calling app, not to a URL.
    private func appPage(_ request: CreateRequest) -> ProviderPage {
        let signed = signer.sign(
            .appPay, AlipayWire.Pay(request, by: .appPay), notifyURL: request.stored.notifyURL, at: clock.now())
        return ProviderPage(kind: .sdk, content: signed.orderString, serves: [request.terminal], usableFor: nil)
    }

    /// Sends a signed call. `number` is nil if the call is not about a trade.
    func call(
        _ method: AlipayMethod, _ content: some Encodable, about number: TradeNumber?, notifyURL: String? = nil
    ) async -> AlipayOutcome {
        let beginning = clock.uptime()
        let request = signer.call(method, content, notifyURL: notifyURL, at: clock.now())
        do throws(TransportError) {
            let reply = try await transport.send(request)
            func read() -> AlipayOutcome {
                AlipayOutcome(reply, to: method, about: number, trust: trust, at: clock.now())
            }
            var outcome = read()
            // The answer waits for the certificate that it names, in the time of this call.
            if outcome.isOfUnknownCertificate, await trust.certificates?.fetchMissing(since: beginning) == true {
                outcome = read()
            }
            if outcome.asksForFewer { transport.slowDown() }
            return outcome
        } catch {
            switch error.reach {
            case .neverSent: return .neverSent(reason: "\(error.reason)", error.reason.whyUnknown)
            case .mayHaveArrived: return .unknown(error.doubt)
            }
        }
    }
}
