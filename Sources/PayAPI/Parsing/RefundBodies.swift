package import PayCore
package import PayFlow

extension BodyRules {
    /// The body of a refund request. Every field may be left out.
    package func refund(_ json: [UInt8]) -> ParsedBody<RefundWish> {
        parse(json) { reader in
            reader.refuseOthers(than: ["refund_no", "amount", "reason", "refundable"])
            let lengths = "\(RefundNumber.lengths.lowerBound) to \(RefundNumber.lengths.upperBound)"
            let number = reader.text(
                "refund_no", mustBe: "\(lengths) of 0-9, A-Z, a-z and _", RefundNumber.init)
            let amount = reader.integer("amount", in: 1...Money.largestAmount)
            let reason = reader.text(
                "reason", mustBe: "1 to \(RefundReason.longest) characters without control characters",
                RefundReason.init)
            let refundable = reader.integer("refundable", in: 0...Money.largestAmount)
            return RefundWish(number: number, amount: amount, reason: reason, refundable: refundable)
        }
    }

    /// The body of a decision about disputed money.
    package func ruling(_ verdict: DisputeVerdict, _ json: [UInt8]) -> ParsedBody<DisputeRuling> {
        parse(json) { reader in
            reader.refuseOthers(than: ["reason", "by"])
            let reason = reader.text(
                "reason", required: true, mustBe: "1 to \(RulingReason.longest) characters without control characters",
                RulingReason.init)
            let by = reader.text(
                "by", mustBe: "1 to \(PersonName.longest) characters without control characters", PersonName.init)
            guard let reason, let by = by ?? PersonName.api else { return nil }
            return DisputeRuling(verdict, by: by, reason: reason)
        }
    }
}

extension PersonName {
    /// The name in the history if a call names nobody.
    fileprivate static var api: PersonName? { PersonName("api") }
}

extension KeyUse {
    /// A refund request of the merchant under its key. The API and the command line share the keys.
    package init(_ key: IdempotencyKey, of wish: RefundWish, for number: OrderNumber) {
        self.init(
            key: ScopedKey(scope: "merchant POST /v1/payments/\(number)/refunds", key: key),
            fingerprint: Fingerprint.of([
                wish.number?.text, wish.amount.map { String($0) }, wish.reason?.text,
                wish.refundable.map { String($0) },
            ]))
    }
}
