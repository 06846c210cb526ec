/// The complete request that created an attempt, stored before it is sent. It can then be sent again unchanged: a
/// provider refuses a second call with the same number and other particulars.
public struct StoredRequest: Hashable, Sendable {
    public let terminal: Terminal
    public let payer: Payer
    public let money: Money
    public let subject: Subject
    /// The instant after which the provider takes no money. Fixed at creation, never computed again.
    public let providerDeadline: Instant
    /// The URL for the provider's notices.
    public let notifyURL: String
    /// The URL to which the provider sends the buyer after the payment.
    public let returnURL: String?
    /// The merchant's app at the provider that the trade belongs to. It stays the same when the settings change. Nil if
    /// the provider has no apps by terminal (only WeChat Pay has).
    public let appID: String?

    public init(
        terminal: Terminal, payer: Payer, money: Money, subject: Subject, providerDeadline: Instant, notifyURL: String,
        returnURL: String?, appID: String? = nil
    ) {
        self.terminal = terminal
        self.payer = payer
        self.money = money
        self.subject = subject
        self.providerDeadline = providerDeadline
        self.notifyURL = notifyURL
        self.returnURL = returnURL
        self.appID = appID
    }
}
