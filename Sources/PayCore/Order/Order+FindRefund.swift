extension Order {
    /// The refund with this number: the merchant's own, or one that the provider knows, or has known, it by. The
    /// merchant's own number comes first.
    public func refund(named number: String) -> Refund? {
        refunds.first { $0.merchantNumber?.text == number } ?? refund(providerNumber: number)
    }
}
