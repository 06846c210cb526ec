import PayCore
import PayFlow

extension ForeignRefund {
    /// Nil if the number, the payment or the amount is invalid, or if the currency is not the trade's.
    init?(
        number: String, of trade: TradeReference, payment: String, amount: Int64, currencyCode: String,
        refundedAt: Instant?
    ) {
        let currency = trade.stored.money.currency
        guard currency.code == currencyCode, let money = Money(amount: amount, currency: currency), amount > 0,
            let transactionID = TransactionID(payment)
        else { return nil }
        self.init(
            number: number, tradeNumber: trade.number, transactionID: transactionID, money: money,
            refundedAt: refundedAt)
    }
}
