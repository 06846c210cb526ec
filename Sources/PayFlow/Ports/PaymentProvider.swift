public import PayCore

/// A payment provider. An adapter translates between our types and the provider's protocol, and decides nothing.
///
/// Each call takes at most the configured provider time-out, retries nothing by itself, and throws nothing: a failure
/// is part of the answer, because the rules depend on it.
public protocol PaymentProvider: Sendable {
    var channel: Channel { get }

    var kind: ProviderKind { get }

    var terms: ProviderTerms { get }

    /// The merchant's app that a new trade from this terminal belongs to; nil if the provider has no apps by terminal.
    /// It is stored with the request, so that a change of the settings does not change an existing trade.
    func appID(for terminal: Terminal) -> String?

    /// The permitted targets of the forms in its HTML pages, as source expressions of a Content-Security-Policy
    /// (`https://openapi.alipay.com`). Such a page is served from our address but is not ours, and a browser restricts
    /// it to these. Browsers check redirects after a form too, so that the hosts behind a form belong here.
    var pageFormTargets: [String] { get }

    /// The pause from `now` before the next call, because the circuit is open or the provider limits the rate; nil
    /// without one. A call during the pause fails at once, as one that was never sent.
    func pause(at now: Instant) -> Duration?

    /// Opens the trade, or mints another page of it. The same stored request may be sent any number of times.
    func create(_ request: CreateRequest) async -> CreateAnswer

    func query(_ trade: TradeReference) async -> QueryAnswer

    /// Asks the provider to close the trade. Only a query confirms the close.
    func close(_ trade: TradeReference) async -> CloseAnswer

    /// Refunds a payment, in full or in part, under the request's number. The same number twice is one refund.
    func refund(_ refund: RefundRequest) async -> RefundAnswer

    /// Queries a submitted refund.
    func follow(_ refund: RefundRequest) async -> RefundAnswer

    /// Queries a refund that Paypage did not request, by the number that the provider knows it by.
    func findRefund(_ number: String, of trade: TradeReference, payment: TransactionID) async -> ForeignRefundAnswer

    /// Checks a notice's signature over the received bytes, before anything of it is parsed.
    func verify(_ notice: RawNotice, at now: Instant) throws(NoticeRefusal) -> ProviderNotice

    /// The response that makes the provider stop, or go on, sending a notice.
    func reply(to reception: NoticeReception) -> NoticeReply

    /// The provider's bills; nil if it has none.
    var bills: (any BillSource)? { get }

    /// The source of openids for `jsapi`; nil if there is none.
    var openIDs: (any OpenIDSource)? { get }
}

extension PaymentProvider {
    public func appID(for terminal: Terminal) -> String? { nil }

    /// No target: right for a provider without HTML, and the safe default.
    public var pageFormTargets: [String] { [] }

    public var bills: (any BillSource)? { nil }

    public var openIDs: (any OpenIDSource)? { nil }
}

/// A trade in a provider's calls.
public struct TradeReference: Hashable, Sendable {
    public let number: TradeNumber
    public let stored: StoredRequest
    public let createdAt: Instant
    /// The provider's own name of the trade; nil if there is none, or none is known yet.
    public let reference: ProviderReference?

    public init(_ attempt: Attempt) {
        number = attempt.number
        stored = attempt.request
        createdAt = attempt.createdAt
        reference = attempt.reference
    }
}

/// A notice as it was received.
public struct RawNotice: Sendable {
    public struct Header: Sendable {
        public let name: String
        public let value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public let headers: [Header]
    public let body: [UInt8]

    public init(headers: [Header], body: [UInt8]) {
        self.headers = headers
        self.body = body
    }

    /// The value of a header that came exactly once.
    public func header(_ name: String) -> String? {
        let found = headers.filter { $0.name.lowercased() == name.lowercased() }
        return found.count == 1 ? found[0].value : nil
    }
}

/// A verified notice.
public struct ProviderNotice: Sendable {
    public enum Content: Sendable {
        case payment(Receipt)
        /// A payment that was reported because a refund of it was made. A query tells how the refund stands.
        case refundedPayment(Receipt, refund: String)
        /// Money for a number that can't be one of ours.
        case foreignPayment
        case refund(number: String, RefundAnswer)
        /// No money. A trade of ours is then queried at once, because it may have been closed.
        case other
    }

    /// The provider's own number of the notice.
    public let id: String
    public let tradeNumber: String
    public let content: Content
    /// The provider's own name for the subject of the notice: the trade that was paid, or the payment that is refunded.
    /// It distinguishes our trade from another shop's with the same number at the same account (Stripe). Nil if a
    /// provider takes each number once.
    public let about: ProviderReference?

    public init(id: String, tradeNumber: String, content: Content, about: ProviderReference? = nil) {
        self.id = id
        self.tradeNumber = tradeNumber
        self.content = content
        self.about = about
    }
}

/// The reason why a notice is refused. Nothing of it is stored.
public enum NoticeRefusal: String, Error, CaseIterable, Sendable {
    case badSignature = "signature"
    /// Signed by an unknown key.
    case unknownSerial = "serial"
    case tooOld = "too_old"
    case unreadable
    /// Signed, but its content can't be decrypted with the configured key.
    case undecryptable = "decryption"
}

/// The reception of a notice, as far as its sender has to know.
public enum NoticeReception: Hashable, Sendable {
    case stored
    case refused(NoticeRefusal)
    /// The notice could not be stored: the provider has to send it again.
    case notStored
}

/// An HTTP answer to a notice.
public struct NoticeReply: Hashable, Sendable {
    public let status: Int
    public let contentType: String
    public let body: String
    /// Set during an outage of the database: the provider is asked to send the notice again after this time.
    public var retryAfter: Duration?

    public init(status: Int, contentType: String, body: String) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}

/// The configured channels.
public struct Providers: Sendable {
    private let byChannel: [Channel: any PaymentProvider]

    public init(_ providers: [any PaymentProvider]) {
        byChannel = Dictionary(providers.map { ($0.channel, $0) }, uniquingKeysWith: { first, _ in first })
    }

    public subscript(channel: Channel) -> (any PaymentProvider)? { byChannel[channel] }

    public var channels: [Channel] { byChannel.keys.sorted() }

    var terms: [Channel: ProviderTerms] { byChannel.mapValues(\.terms) }
}
