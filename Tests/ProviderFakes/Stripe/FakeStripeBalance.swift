import PayCore
import PayFlow

/// A balance transaction, as Stripe lists it.
struct FakeStripeBalanceTransaction: Sendable {
    /// The currency of the merchant's balance. A payment in another currency is converted at this rate.
    static let currency = "eur"
    private static let rate: Int64 = 2

    let id: String
    let type: String
    let at: Instant
    /// In the balance's currency, as in a list.
    let amount: Int64
    /// A JSON object or null.
    let source: String

    /// `amount` is in the payment's currency.
    init(_ type: String, at: Instant, amount: Int64, about id: String, source: String) {
        self.id = "txn_\(type)_\(id)"
        self.type = type
        self.at = at
        self.amount = amount / Self.rate
        self.source = source
    }

    var json: String {
        #"{"id":"\#(id)","object":"balance_transaction","amount":\#(amount),"available_on":1795910400,"#
            + #""created":\#(at.milliseconds / 1_000),"currency":"\#(Self.currency)","exchange_rate":0.5,"fee":30,"#
            + #""net":\#(amount - 30),"reporting_category":"\#(type)","source":\#(source),"status":"available","#
            + #""type":"\#(type)"}"#
    }
}

extension FakeStripeBooks.State {
    /// Newest first.
    func balanceTransactions() -> [FakeStripeBalanceTransaction] {
        let payments = sessions.compactMap { session -> FakeStripeBalanceTransaction? in
            guard let paidAt = session.paidAt, let payment = session.paymentIntent else { return nil }
            return FakeStripeBalanceTransaction(
                "charge", at: paidAt, amount: session.amount, about: payment, source: session.charge(payment))
        }
        let moneyBack = refunds.flatMap { refund in
            let made = FakeStripeBalanceTransaction(
                "refund", at: refund.createdAt, amount: -refund.amount, about: refund.id, source: refund.json)
            let failed = refund.failedAt.map {
                FakeStripeBalanceTransaction(
                    "refund_failure", at: $0, amount: refund.amount, about: refund.id, source: refund.json)
            }
            return [made] + [failed].compactMap { $0 }
        }
        let payouts = payouts.enumerated().map { index, at in
            FakeStripeBalanceTransaction("payout", at: at, amount: -200, about: "po_\(index)", source: "null")
        }
        return (payments + moneyBack + payouts).sorted { ($0.at, $0.id) > ($1.at, $1.id) }
    }

    /// A page of the list.
    func balancePage(_ parameters: [String: String]) -> FakeStripeAnswer {
        let known: Set = ["created[gte]", "created[lt]", "expand[]", "limit", "starting_after"]
        guard known.isSuperset(of: parameters.keys), parameters["expand[]"] == "data.source",
            let from = parameters["created[gte]"].flatMap({ Int64($0) }),
            let end = parameters["created[lt]"].flatMap({ Int64($0) }),
            let limit = parameters["limit"].flatMap({ Int($0) }), (1...100).contains(limit)
        else { return .refused("parameter_unknown") }
        var found = balanceTransactions().filter { (from..<end).contains($0.at.milliseconds / 1_000) }
        if let last = parameters["starting_after"] {
            guard let place = found.firstIndex(where: { $0.id == last }) else { return .missing }
            found.removeFirst(place + 1)
        }
        let shown = found.prefix(limit).map(\.json).joined(separator: ",")
        return .done(
            #"{"object":"list","data":[\#(shown)],"has_more":\#(found.count > limit),"url":"/v1/balance_transactions"}"#
        )
    }
}

extension FakeStripeSession {
    /// The charge behind a payment. The metadata of the payment is copied to it.
    fileprivate func charge(_ payment: String) -> String {
        let metadata = mark.map { #""trade_no":"\#($0)""# } ?? ""
        return #"{"id":"ch_\#(payment.dropFirst(3))","object":"charge","amount":\#(amount),"amount_refunded":0,"#
            + #""currency":"\#(currency)","metadata":{\#(metadata)},"payment_intent":"\#(payment)","#
            + #""status":"succeeded"}"#
    }
}

extension FakeStripe {
    /// Stripe pays out to the bank account, which is a balance transaction too.
    public func payOut() {
        let now = clock.now()
        books.update { $0.payouts.append(now) }
    }

    func balance(_ request: FakeRequest) -> FakeStripeAnswer {
        guard request.header("Authorization") == "Bearer \(secretKey)" else { return .notAuthorised }
        guard let parameters = FakeStripeWire.parameters(request.query ?? "") else {
            return .refused("parameter_unreadable")
        }
        return books.update { $0.balancePage(parameters) }
    }
}
