import PayCore

/// Reads the sandbox's bill; see ``SandboxWire/Bill``.
struct SandboxBillParser: BillParser {
    private enum Place {
        case header, rows, end
    }

    private var place = Place.header
    private var rows = 0
    private var total: Int?

    mutating func read(_ line: BillText, row: Int) throws(BillFlaw) -> BillRow? {
        guard case .line(let bytes) = line else {
            if place == .header { throw BillFlaw("the file is not a bill of the sandbox") }
            rows += 1
            return .unreadable(row, .tooLong)
        }
        if bytes.isEmpty { return nil }
        let fields = bytes.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        switch place {
        case .header:
            guard fields == SandboxWire.Bill.columns else { throw BillFlaw("the file is not a bill of the sandbox") }
            place = .rows
            return nil
        case .rows where fields[0] == SandboxWire.Bill.total && fields.count == 2:
            place = .end
            total = Int(fields[1])
            return nil
        case .rows:
            rows += 1
            do throws(BillMistake) {
                return .line(try Self.line(fields, row))
            } catch {
                return .unreadable(row, error)
            }
        case .end:
            rows += 1
            return .unreadable(row, BillMistake("the line follows the end of the list"))
        }
    }

    mutating func finish(row: Int) throws(BillFlaw) -> BillRow? {
        switch place {
        case .header: throw BillFlaw("the file is empty")
        case .rows: .unreadable(row, BillMistake("the file ends before the end of its list"))
        case .end:
            total == rows
                ? nil : .unreadable(row, BillMistake("the list has not the number of rows that its end names"))
        }
    }

    private static func line(_ fields: [String], _ row: Int) throws(BillMistake) -> BillLine {
        guard fields.count == SandboxWire.Bill.columns.count else {
            throw BillMistake("the line has \(fields.count) columns; expected \(SandboxWire.Bill.columns.count)")
        }
        guard let kind = BillLine.Kind(rawValue: fields[0]) else { throw BillMistake("kind", "unknown value") }
        guard let currency = Currency(fields[5]) else { throw BillMistake("currency", "unknown value") }
        guard fields[4].isASCIIDigits, let amount = Int64(fields[4]),
            let money = Money(amount: amount, currency: currency)
        else { throw BillMistake("amount", "not an amount") }
        guard let at = CivilTime(rfc3339: fields[6])?.instant else { throw BillMistake("at", "not a time") }
        let refundNumber = try BillNumber.optionalName(fields[3], "refund_no")
        guard (refundNumber == nil) == (kind == .payment) else {
            throw BillMistake("refund_no", "does not fit the kind")
        }
        return BillLine(
            row: row, kind: kind, status: .succeeded, tradeNumber: try BillNumber.name(fields[1], "trade_no"),
            transactionID: try BillNumber.name(fields[2], "transaction_id"), refundNumber: refundNumber,
            amount: money.amount, currencyCode: currency.code, feeMicros: nil, at: at)
    }
}
