public import PayCore

/// Who moves the money. An adapter turns our words into the provider's and back, and decides nothing.
///
/// Each call takes at most the configured provider time-out, retries nothing by itself, and throws nothing: what went
/// wrong is part of the answer, because the rules depend on it.
public protocol PaymentProvider: Sendable {
    var channel: Channel { get }

    var terms: ProviderTerms { get }

    /// Where the forms in its HTML pages may go, as source expressions of a Content-Security-Policy
    /// (`https://openapi.alipay.com`). Such a page is served from our address but is not ours, and a browser keeps it
    /// to these. Browsers check redirects after a form too, so the hosts that a form is sent on to belong here.
    var pageFormTargets: [String] { get }

    /// How long it is better left alone from `now`, because it doesn't answer or asks for fewer calls; nil when it can
    /// be called. A call that is made all the same comes back at once, as one that was never sent.
    func pause(at now: Instant) -> Duration?

    /// Opens the trade, or makes one more page of it. The same stored request may be sent any number of times.
    func create(_ request: CreateRequest) async -> CreateAnswer

    func query(_ trade: TradeReference) async -> QueryAnswer

    /// Asks the provider to take no money for the trade. Its word is not believed before a query confirms it.
    func close(_ trade: TradeReference) async -> CloseAnswer

    /// Gives money back, in full, under a number that names the refund: the same number twice is one refund.
    func refund(_ refund: Refund) async -> RefundAnswer

    /// Asks what became of a refund that was submitted.
    func follow(_ refund: Refund) async -> RefundAnswer

    /// Checks a notice's signature over the very bytes that came, before anything of it is read.
    func verify(_ notice: RawNotice, at now: Instant) throws(NoticeRefusal) -> ProviderNotice

    /// What the provider expects to be answered, so that it stops (or goes on) sending.
    func reply(to reception: NoticeReception) -> NoticeReply
}

extension PaymentProvider {
    /// Nowhere: right for a provider that makes no HTML, and what a forgotten list comes to.
    public var pageFormTargets: [String] { [] }
}

/// A trade as a provider's calls name it.
public struct TradeReference: Hashable, Sendable {
    public let number: TradeNumber
    public let stored: StoredRequest
    public let createdAt: Instant
    /// The provider's own name for it; nil where it has none, and while no answer has told it.
    public let reference: ProviderReference?

    public init(_ attempt: Attempt) {
        number = attempt.number
        stored = attempt.request
        createdAt = attempt.createdAt
        reference = attempt.reference
    }
}

/// A notice as it came in.
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
        /// Money for a number that can't be one of ours.
        case foreignPayment
        case refund(number: String, RefundAnswer)
        /// No money. Where it names a trade of ours, that trade is queried at once: it may have been closed.
        case other
    }

    /// The provider's own number for the notice.
    public let id: String
    public let tradeNumber: String
    public let content: Content
    /// The provider's own name for what it tells of: the trade that was paid, or the payment that is given back. It tells
    /// ours from that of another shop with the same numbers at the same account (Stripe); nil where a provider takes each
    /// number once.
    public let about: ProviderReference?

    public init(id: String, tradeNumber: String, content: Content, about: ProviderReference? = nil) {
        self.id = id
        self.tradeNumber = tradeNumber
        self.content = content
        self.about = about
    }
}

/// Why a notice is not believed. Nothing of it is kept.
public enum NoticeRefusal: String, Error, CaseIterable, Sendable {
    case badSignature = "signature"
    /// Signed by a key that is not known here.
    case unknownSerial = "serial"
    case tooOld = "too_old"
    case unreadable
    /// Signed, but its content can't be decrypted with the configured key.
    case undecryptable = "decryption"
}

/// What became of a notice, as far as its sender has to know.
public enum NoticeReception: Hashable, Sendable {
    case stored
    case refused(NoticeRefusal)
    /// It could not be stored: the provider shall send it again.
    case notStored
}

/// An HTTP answer to a notice.
public struct NoticeReply: Hashable, Sendable {
    public let status: Int
    public let contentType: String
    public let body: String
    /// Set during an outage of the database: the provider is told to send the notice again after this time.
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
