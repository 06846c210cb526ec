import PayCore

/// Reads WeChat Pay's trade bill (`bill_type=ALL`): a header, the rows, the header of the summary, and the summary.
///
/// Each field of a row begins with a backquote. A comma inside a field is not escaped, so that rows are split at ",`".
struct WeChatPayBillParser: BillParser {
    private enum Place {
        case header
        case rows(WeChatPayBillColumns)
        case summary
        case end
    }

    private static let mark = UInt8(ascii: "`")
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static let summaryBegins = Array("总交易单数,".utf8)
    private static let notABill = BillFlaw("the file is not a trade bill of WeChat Pay")

    private var place = Place.header
    private var rows = 0
    private var total: Int?

    mutating func read(_ line: BillText, row: Int) throws(BillFlaw) -> BillRow? {
        guard case .line(let bytes) = line else {
            if case .header = place { throw Self.notABill }
            rows += 1
            return .unreadable(row, .tooLong)
        }
        switch place {
        case .header:
            let names = bytes.starts(with: Self.byteOrderMark) ? bytes.dropFirst(3) : bytes[...]
            place = .rows(try WeChatPayBillColumns(String(decoding: names, as: UTF8.self)))
            return nil
        case _ where bytes.isEmpty: return nil
        case .rows where bytes.starts(with: Self.summaryBegins):
            place = .summary
            return nil
        case .rows(let columns):
            rows += 1
            return read(bytes, columns, row)
        case .summary:
            guard bytes.first == Self.mark, let count = Int(Self.fields(bytes)[0]) else { break }
            place = .end
            total = count
            return nil
        case .end: break
        }
        rows += 1
        return .unreadable(row, BillMistake("the line is not at its place"))
    }

    mutating func finish(row: Int) throws(BillFlaw) -> BillRow? {
        switch place {
        case .header: throw BillFlaw("the file is empty")
        case .rows, .summary: .unreadable(row, BillMistake("the file ends before its summary"))
        case .end:
            total == rows ? nil : .unreadable(row, BillMistake("总交易单数: differs from the number of rows"))
        }
    }

    private func read(_ bytes: [UInt8], _ columns: WeChatPayBillColumns, _ row: Int) -> BillRow {
        do throws(BillMistake) {
            guard bytes.first == Self.mark else { throw BillMistake("the line does not begin with a backquote") }
            return .line(try columns.line(Self.fields(bytes), row))
        } catch {
            return .unreadable(row, error)
        }
    }

    /// The fields without their backquotes. Precondition: the line begins with one.
    private static func fields(_ bytes: [UInt8]) -> [String] {
        var fields: [String] = []
        var start = 1
        for place in bytes.indices.dropFirst() where bytes[place] == mark && bytes[place - 1] == UInt8(ascii: ",") {
            fields.append(String(decoding: bytes[start..<max(start, place - 1)], as: UTF8.self))
            start = place + 1
        }
        fields.append(String(decoding: bytes[start...], as: UTF8.self))
        return fields
    }
}

/// The columns of the bill by their names, because a few merchants have an older format.
struct WeChatPayBillColumns {
    private enum Name {
        static let time = "交易时间"
        static let transaction = "微信订单号"
        static let trade = "商户订单号"
        static let state = "交易状态"
        static let currency = "货币种类"
        static let refund = "微信退款单号"
        static let refundNumber = "商户退款单号"
        static let refundStatus = "退款状态"
        static let amount = "订单金额"
        static let amountBefore = "总金额"
        static let refundAmount = "申请退款金额"
        static let refundAmountBefore = "退款金额"
        static let fee = "手续费"
    }

    private let names: [String]
    private let time, transaction, trade, state, currency, refund, refundNumber, refundStatus: Int
    /// The order's amount, with vouchers.
    private let amount, refundAmount: Int
    private let fee: Int?

    init(_ header: String) throws(BillFlaw) {
        let names = header.split(separator: ",", omittingEmptySubsequences: false)
            .map { String($0.drop { $0 == "`" || $0 == " " }) }
        func place(_ candidates: String...) throws(BillFlaw) -> Int {
            for name in candidates {
                if let place = names.firstIndex(of: name) { return place }
            }
            throw BillFlaw("the header of the bill lacks the column \(candidates[0])")
        }
        self.names = names
        time = try place(Name.time)
        transaction = try place(Name.transaction)
        trade = try place(Name.trade)
        state = try place(Name.state)
        currency = try place(Name.currency)
        refund = try place(Name.refund)
        refundNumber = try place(Name.refundNumber)
        refundStatus = try place(Name.refundStatus)
        amount = try place(Name.amount, Name.amountBefore)
        refundAmount = try place(Name.refundAmount, Name.refundAmountBefore)
        fee = names.firstIndex(of: Name.fee)
    }

    func line(_ fields: [String], _ row: Int) throws(BillMistake) -> BillLine {
        guard fields.count == names.count else {
            throw BillMistake("the line has \(fields.count) columns; expected \(names.count)")
        }
        let kind: BillLine.Kind
        let status: BillLine.Status
        switch fields[state] {
        case "SUCCESS": (kind, status) = (.payment, .succeeded)
        // The payment was taken back as a whole.
        case "REVOKED": (kind, status) = (.payment, .failed)
        case "REFUND": (kind, status) = (.refund, try refundStatus(fields[refundStatus]))
        default: throw BillMistake(names[state], "unknown value")
        }
        let refundNumber = try number(fields, refundNumber)
        let refundID = try number(fields, refund)
        if fields[state] == "SUCCESS", refundNumber != nil || refundID != nil {
            throw BillMistake(names[refund], "does not fit \(names[state])")
        }
        guard let at = AlipayTime.instant(fields[time]) else { throw BillMistake(names[time], "not a time") }
        guard let currency = Currency(fields[currency]) else { throw BillMistake(names[currency], "unknown value") }
        return BillLine(
            row: row, kind: kind, status: status, tradeNumber: try BillNumber.name(fields[trade], names[trade]),
            transactionID: try BillNumber.name(fields[transaction], names[transaction]),
            refundNumber: kind == .refund ? refundNumber : nil, providerRefundID: kind == .refund ? refundID : nil,
            amount: try amount(fields, kind), currencyCode: currency.code,
            feeMicros: fee.flatMap { BillNumber.micros(fields[$0]) }, at: at)
    }

    /// The bill tells that a refund was accepted, and is not changed when it is done.
    private func refundStatus(_ text: String) throws(BillMistake) -> BillLine.Status {
        switch text {
        case "SUCCESS", "PROCESSING": .accepted
        case "FAIL": .failed
        default: throw BillMistake(names[refundStatus], "unknown value")
        }
    }

    /// Nil for an empty field and for `0`, which stands in the rows of payments.
    private func number(_ fields: [String], _ column: Int) throws(BillMistake) -> String? {
        fields[column] == "0" ? nil : try BillNumber.optionalName(fields[column], names[column])
    }

    private func amount(_ fields: [String], _ kind: BillLine.Kind) throws(BillMistake) -> Int64 {
        let column = kind == .refund ? refundAmount : amount
        let (fen, isNegative) = try BillNumber.fen(fields[column], names[column])
        guard fen > 0, !isNegative else { throw BillMistake(names[column], "not above zero") }
        return fen
    }
}
