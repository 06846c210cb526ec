public import PayCore
public import PayFlow

/// The adapter of the sandbox. Translates Paypage's requests and the sandbox's answers.
public struct SandboxProvider: PaymentProvider {
    /// A notice with a timestamp further in the past or future is refused, because it may be a replay. Five minutes
    /// exceed the difference of two clocks.
    static let noticeWindow = Duration.seconds(5 * 60)

    private let configuration: SandboxConfiguration
    private let signer: SandboxSigner
    private let transport: GuardedTransport
    private let clock: any PayClock

    public let terms: ProviderTerms
    public let bills: (any BillSource)?

    /// Without `downloads` the adapter reads no bills.
    public init(
        _ configuration: SandboxConfiguration, transport: GuardedTransport, clock: any PayClock,
        downloads: FileDownloader? = nil
    ) {
        self.configuration = configuration
        terms = configuration.terms
        let signer = SandboxSigner(secret: configuration.secret)
        self.signer = signer
        self.transport = transport
        self.clock = clock
        bills = downloads.map { SandboxBills(configuration, signer: signer, downloads: $0, clock: clock) }
    }

    public var channel: Channel { configuration.channel }
    public let kind = ProviderKind.sandbox

    public var pageFormTargets: [String] { WebOrigin(of: configuration.baseURL()).map { [$0.text] } ?? [] }

    public func pause(at now: Instant) -> Duration? { transport.pause(at: now) }

    public func create(_ request: CreateRequest) async -> CreateAnswer {
        guard let page = configuration.pageKind(for: request.terminal) else {
            return .refused(reason: "TERMINAL_NOT_SERVED")
        }
        let stored = request.stored
        let trade = SandboxWire.TradeParticulars(
            channel: channel.name, tradeNumber: request.tradeNumber.text, amount: stored.money.amount,
            currency: stored.money.currency.code, subject: stored.subject.text,
            expiresAtMS: stored.providerDeadline.milliseconds, notifyURL: stored.notifyURL, returnURL: stored.returnURL)
        return CreateAnswer(
            await call(.create, SandboxWire.Create(trade: trade, page: page).json), asking: page,
            serves: configuration.terminalsServed(by: page, for: request.terminal), pageTTL: configuration.pageTTL)
    }

    public func query(_ trade: TradeReference) async -> QueryAnswer {
        QueryAnswer(await call(.query, SandboxWire.encode(name(of: trade))), number: trade.number, channel: channel)
    }

    public func close(_ trade: TradeReference) async -> CloseAnswer {
        CloseAnswer(await call(.close, SandboxWire.encode(name(of: trade))))
    }

    public func refund(_ refund: RefundRequest) async -> RefundAnswer {
        let wire = SandboxWire.Refund(
            channel: channel.name, tradeNumber: refund.tradeNumber.text, transactionID: refund.transactionID.text,
            refundNumber: refund.number, amount: refund.money.amount, currency: refund.money.currency.code)
        return RefundAnswer(await call(.refund, SandboxWire.encode(wire)), of: refund)
    }

    public func findRefund(
        _ number: String, of trade: TradeReference, payment: TransactionID
    ) async -> ForeignRefundAnswer {
        let name = SandboxWire.RefundName(
            channel: channel.name, tradeNumber: trade.number.text, transactionID: payment.text, refundNumber: number)
        return ForeignRefundAnswer(await call(.refundQuery, SandboxWire.encode(name)), of: name, trade)
    }

    public func follow(_ refund: RefundRequest) async -> RefundAnswer {
        let name = SandboxWire.RefundName(
            channel: channel.name, tradeNumber: refund.tradeNumber.text, transactionID: refund.transactionID.text,
            refundNumber: refund.number)
        return RefundAnswer(following: await call(.refundQuery, SandboxWire.encode(name)), of: refund)
    }

    public func verify(_ notice: RawNotice, at now: Instant) throws(NoticeRefusal) -> ProviderNotice {
        let signature = signer.check(
            timestamp: notice.header(SandboxSignature.timestampHeader),
            signature: notice.header(SandboxSignature.signatureHeader),
            of: notice.body, for: .notice(channel: channel.name))
        guard let signature else { throw .badSignature }
        let limits = (now - Self.noticeWindow)...(now + Self.noticeWindow)
        guard limits.contains(signature.signedAt) else { throw .tooOld }
        guard let wire = SandboxWire.decode(SandboxWire.Notice.self, from: notice.body),
            let read = ProviderNotice(wire, channel: channel)
        else { throw .unreadable }
        return read
    }

    public func reply(to reception: NoticeReception) -> NoticeReply {
        switch reception {
        case .stored: NoticeReply(status: 200, contentType: "text/plain", body: "success")
        case .refused: NoticeReply(status: 401, contentType: "text/plain", body: "refused")
        case .notStored: NoticeReply(status: 500, contentType: "text/plain", body: "not stored")
        }
    }
}

extension SandboxProvider {
    /// Sends a signed call. The answer is believed only if it is signed for this call.
    private func call(_ operation: SandboxWire.Operation, _ body: [UInt8]) async -> SandboxOutcome {
        let signature = signer.sign(body, for: .request(method: "POST", path: operation.path), at: clock.now())
        let request = ProviderRequest(
            method: .post, url: configuration.baseURL() + operation.path,
            headers: [Header(name: "Content-Type", value: "application/json")] + signature.headers, body: body)
        do throws(TransportError) {
            let reply = try await transport.send(request)
            guard isSigned(reply, inAnswerTo: signature) else { return .unknown(.answered(reply.whyUnsigned)) }
            return SandboxOutcome(signed: reply)
        } catch {
            switch error.reach {
            case .neverSent: return .neverSent(reason: "\(error.reason)", error.reason.whyUnknown)
            case .mayHaveArrived: return .unknown(error.doubt)
            }
        }
    }

    private func isSigned(_ reply: ProviderReply, inAnswerTo request: SandboxSignature) -> Bool {
        let signature = signer.check(
            timestamp: reply.header(SandboxSignature.timestampHeader),
            signature: reply.header(SandboxSignature.signatureHeader),
            of: reply.body, for: .reply(status: reply.status, toRequestSignedBy: request.text))
        return signature != nil
    }

    private func name(of trade: TradeReference) -> SandboxWire.TradeName {
        SandboxWire.TradeName(channel: channel.name, tradeNumber: trade.number.text)
    }
}

extension ProviderReply {
    /// Why an answer failed verification. An answer from anything other than the sandbox has no signature.
    fileprivate var whyUnsigned: UnknownReason {
        if isServerError { return .serverError }
        return SandboxWire.decode(SandboxWire.Answer.self, from: body) == nil ? .unreadable : .signature
    }
}
