import PayCore
import PayFlow
import PayProviders
import PayTestSupport

/// The order of the tests: created at ten o'clock for half an hour.
enum Sample {
    static let now = HandMovedClock().now()
    static let deadline = now + .seconds(1_800)
    static let number = TradeNumber("20261122_0001_1")!
    static let money = Money(amount: 9_900, currency: Currency("CNY")!)!

    static func stored(
        subject: String = "Tea for two", money: Money = money, deadline: Instant = deadline,
        notifyURL: String = "http://127.0.0.1:8080/v1/notices/sandbox", returnURL: String? = nil
    ) -> StoredRequest {
        StoredRequest(
            terminal: .pc, payer: .none, money: money, subject: Subject(subject)!, providerDeadline: deadline,
            notifyURL: notifyURL, returnURL: returnURL)
    }

    static func create(
        _ number: TradeNumber = number, on channel: String = "sandbox", for terminal: Terminal = .pc,
        _ stored: StoredRequest = stored()
    ) -> CreateRequest {
        CreateRequest(
            tradeNumber: number, channel: Channel(channel)!, stored: stored, terminal: terminal, openID: "",
            createdAt: now)
    }

    static func trade(_ number: TradeNumber = number, on channel: String = "sandbox") -> TradeReference {
        TradeReference(
            Attempt(
                number: number, channel: Channel(channel)!, request: stored(), createdAt: now, state: .open,
                stateSince: now,
                lastWordAt: now))
    }

    static func refund(number refundNumber: String = "20261122_0001_1_r1", amount: Int64 = 9_900) -> RefundRequest {
        RefundRequest(
            number: refundNumber, tradeNumber: number, transactionID: TransactionID("sbx_1")!,
            money: Money(amount: amount, currency: money.currency)!,
            total: Money(amount: amount, currency: money.currency)!, cause: .duplicate, reason: nil, createdAt: now)
    }

    static let receipt = Receipt(
        channel: Channel("sandbox")!, tradeNumber: number, transactionID: TransactionID("sbx_1")!, amount: 9_900,
        currencyCode: "CNY", paidAt: now, namesOurAccount: true)

    /// The same payment, refunded in full.
    static let returned = Receipt(
        channel: receipt.channel, tradeNumber: number, transactionID: receipt.transactionID, amount: receipt.amount,
        currencyCode: receipt.currencyCode, paidAt: now, namesOurAccount: true, isReturned: true)

    static func particulars(
        channel: String = "sandbox", number: String = number.text, amount: Int64 = 9_900, currency: String = "CNY",
        subject: String = "Tea for two", deadline: Instant = deadline,
        notifyURL: String = "http://127.0.0.1:8080/v1/notices/sandbox", returnURL: String? = nil
    ) -> SandboxWire.TradeParticulars {
        SandboxWire.TradeParticulars(
            channel: channel, tradeNumber: number, amount: amount, currency: currency, subject: subject,
            expiresAtMS: deadline.milliseconds, notifyURL: notifyURL, returnURL: returnURL)
    }
}
