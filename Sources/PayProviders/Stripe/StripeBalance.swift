import PayCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The used fields of a balance transaction. Each may be missing: a transaction that is not understood is reported, and
/// does not hide the others.
struct StripeBalanceTransaction: Codable, Hashable, Sendable {
    let id: String?
    let type: String?
    /// Seconds since 1970.
    let created: Int64?
    /// The currency of the balance, not of the payment.
    let currency: String?
    /// In minor units of the balance.
    let fee: Int64?
    let source: StripeBalanceSource?

    private enum CodingKeys: String, CodingKey {
        case id, type, created, currency, fee, source
    }

    init(from decoder: any Decoder) throws {
        let fields = try? decoder.container(keyedBy: CodingKeys.self)
        id = try? fields?.decode(String.self, forKey: .id)
        type = try? fields?.decode(String.self, forKey: .type)
        created = try? fields?.decode(Int64.self, forKey: .created)
        currency = try? fields?.decode(String.self, forKey: .currency)
        fee = try? fields?.decode(Int64.self, forKey: .fee)
        source = try? fields?.decode(StripeBalanceSource.self, forKey: .source)
    }
}

/// The used fields of the object behind a balance transaction: a charge or a refund. Other objects have some of them.
struct StripeBalanceSource: Codable, Hashable, Sendable {
    let id: String?
    let object: String?
    let amount: Int64?
    let currency: String?
    let status: String?
    let payment: String?
    /// The charge of a refund.
    let charge: String?
    let tradeNumber: String?
    let refundNumber: String?

    private enum CodingKeys: String, CodingKey {
        case id, object, amount, currency, status, charge, metadata
        case payment = "payment_intent"
    }

    private struct Metadata: Codable {
        let trade_no: String?
        let refund_no: String?
    }

    /// The source is only an id if it was not expanded. It then tells nothing.
    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        id = try? fields.decode(String.self, forKey: .id)
        object = try? fields.decode(String.self, forKey: .object)
        amount = try? fields.decode(Int64.self, forKey: .amount)
        currency = try? fields.decode(String.self, forKey: .currency)
        status = try? fields.decode(String.self, forKey: .status)
        payment = (try? fields.decode(StripeName.self, forKey: .payment))?.text
        charge = (try? fields.decode(StripeName.self, forKey: .charge))?.text
        let metadata = try? fields.decode(Metadata.self, forKey: .metadata)
        tradeNumber = metadata?.trade_no
        refundNumber = metadata?.refund_no
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encodeIfPresent(id, forKey: .id)
        try fields.encodeIfPresent(object, forKey: .object)
        try fields.encodeIfPresent(amount, forKey: .amount)
        try fields.encodeIfPresent(currency, forKey: .currency)
        try fields.encodeIfPresent(status, forKey: .status)
        try fields.encodeIfPresent(payment, forKey: .payment)
        try fields.encodeIfPresent(charge, forKey: .charge)
        try fields.encode(Metadata(trade_no: tradeNumber, refund_no: refundNumber), forKey: .metadata)
    }
}

/// A page of balance transactions.
struct StripeBalancePage: Decodable, Sendable {
    let object: String
    let data: [StripeBalanceTransaction]
    let has_more: Bool
}

/// Reads the balance transactions of a day from the temporary file: one in each line, as JSON.
struct StripeBillParser: BillParser {
    /// A day of the bill. Stripe was asked for no other.
    let day: BillDay

    /// The line of a transaction in the file.
    static func text(_ transaction: StripeBalanceTransaction) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(transaction)) + Array("\n".utf8)
        } catch {
            // Strings and integers only, which always have a JSON encoding.
            preconditionFailure("balance transaction can't be encoded as JSON: \(error)")
        }
    }

    mutating func read(_ line: BillText, row: Int) throws(BillFlaw) -> BillRow? {
        switch line {
        case .tooLong: return .unreadable(row, .tooLong)
        case .line(let bytes):
            guard let transaction = StripeJSON.decode(StripeBalanceTransaction.self, from: bytes) else {
                return .unreadable(row, BillMistake("the transaction is not JSON"))
            }
            do throws(BillMistake) {
                return try transaction.row(row, day)
            } catch {
                return .unreadable(row, error)
            }
        }
    }

    mutating func finish(row: Int) throws(BillFlaw) -> BillRow? { nil }
}

extension StripeBalanceTransaction {
    private static let longestType = 32

    fileprivate func row(_ row: Int, _ day: BillDay) throws(BillMistake) -> BillRow {
        guard let type, type.isASCIIAlphanumeric(or: "_", 1...Self.longestType) else {
            throw BillMistake("type", "not a word")
        }
        switch type {
        case "charge", "payment": return .line(try payment(row, .succeeded, day))
        case "refund", "payment_refund": return .line(try refund(row, isFailure: false, day))
        // The money of a refund that failed came back, or that of a payment that failed was taken back.
        case "refund_failure", "payment_failure_refund":
            if source?.object == "charge" { return .line(try payment(row, .failed, day)) }
            return .line(try refund(row, isFailure: true, day))
        default: return .other(row: row, type: type)
        }
    }

    private func payment(_ row: Int, _ status: BillLine.Status, _ day: BillDay) throws(BillMistake) -> BillLine {
        let (source, id) = try source("charge")
        let money = try source.money()
        // A payment that is not one of ours has no trade number. It is named by the charge.
        let tradeNumber = try source.tradeNumber.map { number throws(BillMistake) in
            try BillNumber.name(number, "metadata.trade_no")
        }
        return BillLine(
            row: row, kind: .payment, status: status, tradeNumber: tradeNumber ?? id,
            transactionID: try BillNumber.name(source.payment ?? id, "payment_intent"), amount: money.amount,
            currencyCode: money.currency.code, feeMicros: feeMicros(in: money.currency), at: try at(day))
    }

    private func refund(_ row: Int, isFailure: Bool, _ day: BillDay) throws(BillMistake) -> BillLine {
        let (source, id) = try source("refund")
        let money = try source.money()
        // A payment of another application may have a charge alone.
        guard let payment = source.payment ?? source.charge else { throw BillMistake("payment_intent", "missing") }
        let number = try source.refundNumber.map { number throws(BillMistake) in
            try BillNumber.name(number, "metadata.refund_no")
        }
        // The outcome of a refund that is not done, or failed after all, is told by another transaction.
        let status: BillLine.Status = isFailure ? .failed : source.status == "succeeded" ? .succeeded : .accepted
        let transactionID = try BillNumber.name(payment, "payment_intent")
        return BillLine(
            row: row, kind: .refund, status: status,
            tradeNumber: number.flatMap(OwnRefundNumber.init)?.trade.text ?? transactionID,
            transactionID: transactionID,
            refundNumber: number, providerRefundID: id, amount: money.amount, currencyCode: money.currency.code,
            feeMicros: feeMicros(in: money.currency), at: try at(day))
    }

    private func source(_ object: String) throws(BillMistake) -> (StripeBalanceSource, id: String) {
        guard let source, source.object == object, let id = source.id else {
            throw BillMistake("source", "not a \(object)")
        }
        return (source, try BillNumber.name(id, "source.id"))
    }

    private func at(_ day: BillDay) throws(BillMistake) -> Instant {
        guard let created, let at = Instant(stripeSeconds: created), day.contains(at) else {
            throw BillMistake("created", "not a time of the day")
        }
        return at
    }

    /// Nil if the balance has another currency than the payment.
    private func feeMicros(in currency: Currency) -> Int64? {
        guard let fee, self.currency.map(StripeCurrency.code) == currency.code else { return nil }
        let unit = (0..<(6 - currency.decimals)).reduce(Int64(1)) { unit, _ in unit * 10 }
        let (micros, isTooLarge) = fee.multipliedReportingOverflow(by: unit)
        return isTooLarge ? nil : micros
    }
}

extension StripeBalanceSource {
    /// The amount of the charge or the refund itself. The transaction's amount is converted to the balance's currency.
    fileprivate func money() throws(BillMistake) -> Money {
        guard let currency = currency.map(StripeCurrency.code).flatMap(Currency.init) else {
            throw BillMistake("source.currency", "unknown value")
        }
        guard let amount, let money = Money(amount: amount, currency: currency) else {
            throw BillMistake("source.amount", "not an amount")
        }
        return money
    }
}
