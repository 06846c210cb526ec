package import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The body of a webhook: JSON in one spelling, so that every try sends the same bytes.
package struct WebhookMessage: Encodable {
    package struct Data: Encodable {
        let out_trade_no: String
        let user_id: String
        let subject: String
        /// The amount of the event: of the order, the receipt or the refund.
        let amount: Int64
        let currency: String
        let trade_no: String?
        let channel: String?
        let transaction_id: String?
        let paid_at: String?
        let refund_no: String?
        /// Why the refund was made: `merchant`, `duplicate`, `late`, `dispute`, `provider`.
        let cause: String?
        let reason: String?
        /// The provider's own code for refusing the refund.
        let provider_code: String?
        let difference: Difference?
    }

    /// A disagreement between the provider's bill and the books.
    struct Difference: Encodable {
        /// One side's statement.
        struct Side: Encodable {
            let amount: Int64
            let currency: String
            let status: String

            init(_ money: BookedMoney) {
                amount = money.amount
                currency = money.currencyCode
                status = money.status
            }
        }

        let id: Int64
        let kind: String
        let channel: String
        let day: String
        let trade_no: String?
        let transaction_id: String?
        let refund_no: String?
        let here: Side?
        let there: Side?

        init(_ difference: EventMessage.DifferenceParticulars) {
            let finding = difference.finding
            id = difference.id.number
            kind = finding.kind.rawValue
            channel = difference.channel.name
            day = finding.day.description
            trade_no = finding.tradeNumber
            transaction_id = finding.transactionID
            refund_no = finding.refundNumber
            here = finding.here.map(Side.init)
            there = finding.there.map(Side.init)
        }
    }

    package let type: String
    package let timestamp: String
    package let data: Data

    package init(_ message: EventMessage) {
        let (amount, currency) = message.amountMeant
        type = message.event.kind.rawValue
        timestamp = message.event.at.timestamp
        data = Data(
            out_trade_no: message.order.number.text, user_id: message.order.userID.text,
            subject: message.order.subject.text, amount: amount, currency: currency,
            trade_no: message.event.tradeNumber?.text, channel: message.payment?.channel.name,
            transaction_id: message.event.transactionID?.text, paid_at: message.payment?.paidAt.timestamp,
            refund_no: message.refund?.number, cause: message.refund?.cause.rawValue,
            reason: message.refund?.reason?.text, provider_code: message.event.providerCode,
            difference: message.difference.map(Difference.init))
    }

    package var bytes: [UInt8] { spelled(self) }
}

/// The body of the event `webhook.test`, by which an operator tries out an endpoint.
package struct TestMessage: Encodable {
    struct Data: Encodable {
        let endpoint: String
    }

    let type = "webhook.test"
    let timestamp: String
    let data: Data

    package init(to endpoint: EndpointName, at now: Instant) {
        timestamp = now.timestamp
        data = Data(endpoint: endpoint.text)
    }

    package var bytes: [UInt8] { spelled(self) }
}

/// The JSON of a body, in the one spelling that is sent.
private func spelled(_ body: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        return Array(try encoder.encode(body))
    } catch {
        // Strings and integers only, which always have a JSON encoding.
        preconditionFailure("webhook body can't be encoded as JSON: \(error)")
    }
}

extension EventMessage {
    fileprivate var amountMeant: (amount: Int64, currency: String) {
        let ofOrder = (order.money.amount, order.money.currency.code)
        switch event.kind {
        case .orderPaid, .orderClosed, .orderExpired:
            return ofOrder
        case .paymentDuplicate, .paymentLate, .paymentReturned, .paymentDisputed:
            return payment.map { ($0.amount, $0.currencyCode) } ?? ofOrder
        case .refundSucceeded, .refundFailed, .refundNeedsAttention:
            return refund.map { ($0.money.amount, $0.money.currency.code) } ?? ofOrder
        case .reconciliationDifference:
            let money = difference.flatMap { $0.finding.there ?? $0.finding.here }
            return money.map { ($0.amount, $0.currencyCode) } ?? ofOrder
        }
    }
}

extension Instant {
    /// RFC 3339 in UTC, truncated to whole seconds, as in the API.
    fileprivate var timestamp: String {
        Date(timeIntervalSince1970: Double(clamped.milliseconds / 1_000)).formatted(.iso8601)
    }
}
