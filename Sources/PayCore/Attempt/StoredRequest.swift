/// The whole request that an attempt was created by, stored before it is sent, so that it can be sent again unchanged:
/// a provider refuses a second call for one number with other particulars.
public struct StoredRequest: Hashable, Sendable {
    public let terminal: Terminal
    public let payer: Payer
    public let money: Money
    public let subject: Subject
    /// The absolute instant after which the provider takes no money. Fixed here, never computed again.
    public let providerDeadline: Instant
    /// Where the provider sends its notices.
    public let notifyURL: String
    /// Where the provider sends the user after paying.
    public let returnURL: String?

    public init(
        terminal: Terminal, payer: Payer, money: Money, subject: Subject, providerDeadline: Instant, notifyURL: String,
        returnURL: String?
    ) {
        self.terminal = terminal
        self.payer = payer
        self.money = money
        self.subject = subject
        self.providerDeadline = providerDeadline
        self.notifyURL = notifyURL
        self.returnURL = returnURL
    }
}
