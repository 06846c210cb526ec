public import PayCore
public import PayFlow

/// The adapter of WeChat Pay (APIv3). Translates Paypage's requests and WeChat's answers.
public struct WeChatPayProvider: PaymentProvider {
    /// The longest wait for certificates before a call is sent. The rest of the call's time belongs to its answer.
    private static let longestPreparation = Duration.seconds(1)

    let configuration: WeChatPayConfiguration
    let signer: WeChatPaySigner
    private let trust: WeChatPayTrust
    private let transport: GuardedTransport
    /// For WeChat's OAuth, which has another host.
    private let oauthTransport: GuardedTransport
    let clock: any PayClock
    private let downloads: FileDownloader?

    public let channel: Channel
    public let kind = ProviderKind.wechat

    /// Without `downloads` the adapter reads no bills. It begins with the platform certificates of `previous`, the adapter
    /// of the same account that it replaces.
    public init(
        _ configuration: WeChatPayConfiguration, channel: Channel = ProviderKind.wechat.shortFormChannel,
        transport: GuardedTransport, clock: any PayClock, downloads: FileDownloader? = nil,
        replacing previous: WeChatPayProvider? = nil
    ) {
        self.init(
            configuration, channel: channel, transport: transport, clock: clock, downloads: downloads,
            replacing: previous, nonce: WeChatPayNonce.random)
    }

    init(
        _ configuration: WeChatPayConfiguration, channel: Channel = ProviderKind.wechat.shortFormChannel,
        transport: GuardedTransport, clock: any PayClock, downloads: FileDownloader? = nil,
        replacing previous: WeChatPayProvider? = nil, nonce: @escaping @Sendable () -> String
    ) {
        self.channel = channel
        self.configuration = configuration
        self.transport = transport
        oauthTransport = transport.separate()
        self.clock = clock
        self.downloads = downloads
        signer = WeChatPaySigner(configuration, nonce: nonce)
        let old = previous.flatMap { $0.configuration.merchantID == configuration.merchantID ? $0.certificates : nil }
        let certificates =
            configuration.fetchesCertificates
            ? WeChatPayCertificates(
                configuration, signer: signer, transport: transport, clock: clock, keeping: old) : nil
        trust = WeChatPayTrust(publicKeys: configuration.publicKeys, certificates: certificates)
    }

    public func appID(for terminal: Terminal) -> String? { configuration.appIDs[terminal] }

    public var terms: ProviderTerms { WeChatPayConfiguration.terms }

    /// Whether an answer says that WeChat itself fails. Some of its 5xx report a wrong payer, which any caller can
    /// cause.
    public static func saysBroken(_ reply: ProviderReply) -> Bool {
        guard reply.isServerError, case .failed(.refused, _) = WeChatPayOutcome(unsigned: reply) else {
            return reply.isServerError
        }
        return false
    }

    public func pause(at now: Instant) -> Duration? { transport.pause(at: now) }

    /// The platform certificates; nil if they are not fetched.
    public var certificates: WeChatPayCertificates? { trust.certificates }

    /// Whether a fetch of the platform certificates is due: no certificate, old certificates, or an unknown serial.
    public var needsCertificates: Bool { trust.certificates?.isDue(at: clock.now()) == true }

    /// Fetches the platform certificates, if configured. An hourly clock job calls this.
    public func refreshCertificates() async {
        await trust.certificates?.refresh()
    }

    /// Checks the configured keys against WeChat's answers. `number` must name a trade that cannot exist.
    public func proof(closing number: TradeNumber) async -> WeChatPayProof {
        let prover = WeChatPayProver(
            configuration: configuration, signer: signer, trust: trust, transport: transport, clock: clock)
        return await prover.proof(closing: number)
    }

    public func create(_ request: CreateRequest) async -> CreateAnswer {
        let call: WeChatPayCall
        do {
            call = try WeChatPayCall.create(request, configuration)
        } catch {
            return .refused(reason: error.rawValue)
        }
        let pages = WeChatPayPages(merchantID: configuration.merchantID, signer: signer)
        return CreateAnswer(await send(call), request, pages: pages, at: clock.now())
    }

    public func query(_ trade: TradeReference) async -> QueryAnswer {
        let outcome = await send(.query(trade.number, configuration))
        return QueryAnswer(outcome, about: trade.number, to: account, at: clock.now())
    }

    public func close(_ trade: TradeReference) async -> CloseAnswer {
        CloseAnswer(await send(.close(trade.number, configuration)))
    }

    public func refund(_ refund: RefundRequest) async -> RefundAnswer {
        RefundAnswer(await send(.refund(refund, configuration)), submitting: refund)
    }

    public func findRefund(
        _ number: String, of trade: TradeReference, payment: TransactionID
    ) async -> ForeignRefundAnswer {
        let outcome = await send(.refundQuery(number))
        return ForeignRefundAnswer(outcome, number, of: trade, payment: payment, at: clock.now())
    }

    public func follow(_ refund: RefundRequest) async -> RefundAnswer {
        RefundAnswer(await send(.refundQuery(refund.number)), following: refund)
    }

    public func verify(_ notice: RawNotice, at now: Instant) throws(NoticeRefusal) -> ProviderNotice {
        let notices = WeChatPayNotices(account: account, keys: configuration.apiV3Keys, trust: trust)
        return try notices.read(notice, at: now)
    }

    public func reply(to reception: NoticeReception) -> NoticeReply { .weChatPay(reception) }

    public var openIDs: (any OpenIDSource)? {
        configuration.oauth.map {
            WeChatPayOpenIDs(appID: configuration.appIDs[.jsapi], oauth: $0, transport: oauthTransport)
        }
    }

    public var bills: (any BillSource)? { downloads.map { WeChatPayBills(provider: self, downloads: $0) } }
}

extension WeChatPayProvider {
    private var account: WeChatPayAccount {
        WeChatPayAccount(channel: channel, merchantID: configuration.merchantID)
    }

    /// Sends a signed call. A success is believed only if its signature is verified.
    func send(_ call: WeChatPayCall) async -> WeChatPayOutcome {
        let beginning = clock.uptime()
        if let (reason, why) = await reasonNotToSend() { return .neverSent(reason: reason, why) }
        let request = call.request(to: configuration, signedBy: signer, at: clock.now())
        do throws(TransportError) {
            return outcome(try await transport.send(request, since: beginning))
        } catch {
            switch error.reach {
            case .neverSent: return .neverSent(reason: "\(error.reason)", error.reason.whyUnknown)
            case .mayHaveArrived: return .unknown(error.doubt)
            }
        }
    }

    /// A call whose answer cannot be verified is not sent, because its page would be lost.
    private func reasonNotToSend() async -> (String, UnknownReason)? {
        guard let certificates = trust.certificates else { return nil }
        let begin = clock.uptime()
        guard await certificates.prepare(at: clock.now()) else {
            return ("NO_PLATFORM_CERTIFICATE", certificates.whyBlind)
        }
        return clock.uptime() - begin <= Self.longestPreparation ? nil : ("PLATFORM_CERTIFICATES_CAME_LATE", .timeout)
    }

    /// WeChat signs successes and does not sign errors.
    private func outcome(_ reply: ProviderReply) -> WeChatPayOutcome {
        guard (200...299).contains(reply.status) else {
            let outcome = WeChatPayOutcome(unsigned: reply)
            // The transport itself reacts to a 429.
            if case .failed(.tooOften, _) = outcome, reply.status != 429 { transport.slowDown() }
            return outcome
        }
        let signature = WeChatPaySignature(reply)
        switch trust.verdict(on: signature, of: reply.body, at: clock.now()) {
        case .signed: return .done(status: reply.status, body: reply.body)
        case .unknownSerial: return .unknown(.answered(.serial))
        case .notSigned, .tooOld: return .unknown(.answered(.signature))
        }
    }
}
