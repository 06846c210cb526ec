import PayCore

/// The columns of Alipay's business bill, by their names: columns were added over the years.
struct AlipayBillColumns {
    private enum Name {
        static let transaction = "支付宝交易号"
        static let trade = "商户订单号"
        static let type = "业务类型"
        static let subject = "商品名称"
        static let createdAt = "创建时间"
        static let finishedAt = "完成时间"
        static let amount = "订单金额(元)"
        static let refund = "退款批次号/请求号"
        static let fee = "服务费(元)"
        static let remark = "备注"
    }

    private typealias Field = ArraySlice<UInt8>

    private static let comma = UInt8(ascii: ",")
    private static let quote = UInt8(ascii: "\"")
    /// The longest type that is reported.
    private static let longestType = 32

    private let names: [String]
    private let transaction, trade, type, createdAt, finishedAt, amount, refund: Int
    private let subject, fee: Int?
    /// The columns that contain an amount or nothing.
    private let amounts: [Int]
    private let remarkIsLast: Bool

    init(_ header: String) throws(BillFlaw) {
        let names = header.split(separator: ",", omittingEmptySubsequences: false).map { name in
            String(name.map { $0 == "（" ? "(" : $0 == "）" ? ")" : $0 }.filter { $0 != "\t" && $0 != " " })
        }
        func place(_ name: String) throws(BillFlaw) -> Int {
            guard let place = names.firstIndex(of: name) else {
                throw BillFlaw("the header of the bill lacks the column \(name)")
            }
            return place
        }
        self.names = names
        transaction = try place(Name.transaction)
        trade = try place(Name.trade)
        type = try place(Name.type)
        createdAt = try place(Name.createdAt)
        finishedAt = try place(Name.finishedAt)
        amount = try place(Name.amount)
        refund = try place(Name.refund)
        subject = names.firstIndex(of: Name.subject)
        fee = names.firstIndex(of: Name.fee)
        amounts = names.indices.filter { names[$0].hasSuffix("(元)") }
        remarkIsLast = names.last == Name.remark
    }

    func row(_ bytes: [UInt8], _ row: Int, _ gbk: GBKText) -> BillRow {
        do throws(BillMistake) {
            let fields = try fields(bytes)
            guard let type = gbk.decode(fields[type]), !type.isEmpty else { throw BillMistake(Name.type, "not a word") }
            switch type {
            case "交易": return .line(try line(fields, .payment, row))
            case "退款": return .line(try line(fields, .refund, row))
            default: return .other(row: row, type: String(type.filter { !$0.isNewline }.prefix(Self.longestType)))
            }
        } catch {
            return .unreadable(row, error)
        }
    }

    private func line(_ fields: [Field], _ kind: BillLine.Kind, _ row: Int) throws(BillMistake) -> BillLine {
        func text(_ column: Int) -> String { String(decoding: fields[column], as: UTF8.self) }
        let (fen, isNegative) = try BillNumber.fen(text(amount), names[amount])
        // A refund is negative in some bills and positive in others.
        guard fen > 0, kind == .refund || !isNegative else { throw BillMistake(names[amount], "not above zero") }
        guard let at = AlipayTime.instant(text(finishedAt)) else { throw BillMistake(names[finishedAt], "not a time") }
        return BillLine(
            row: row, kind: kind, status: .succeeded, tradeNumber: try BillNumber.name(text(trade), names[trade]),
            transactionID: try BillNumber.name(text(transaction), names[transaction]),
            refundNumber: kind == .refund ? try BillNumber.optionalName(text(refund), names[refund]) : nil,
            amount: fen, currencyCode: AlipayConfiguration.currency,
            feeMicros: fee.flatMap { BillNumber.micros(text($0)) }, at: at)
    }

    /// The trimmed fields, one for each column. The file is not quoted reliably, and a name may contain commas.
    private func fields(_ bytes: [UInt8]) throws(BillMistake) -> [Field] {
        let plain = bytes.split(separator: Self.comma, omittingEmptySubsequences: false)
        if plain.count == names.count { return plain.map(Self.trimmed) }
        guard plain.count > names.count else {
            throw BillMistake("the line has \(plain.count) columns; expected \(names.count)")
        }
        let quoted = Self.quotedFields(bytes)
        if quoted.count == names.count { return quoted.map(Self.trimmed) }
        return try withoutSurplus(plain.map(Self.trimmed))
    }

    /// Gives the surplus fields to the subject and to the remark, which may both contain commas. Times and amounts must
    /// be at their places then. If they are so in several ways, the line is not understood.
    private func withoutSurplus(_ fields: [Field]) throws(BillMistake) -> [Field] {
        let surplus = fields.count - names.count
        var found: [[Field]] = []
        for ofSubject in 0...surplus where (subject != nil || ofSubject == 0) && (remarkIsLast || ofSubject == surplus)
        {
            var fit = fields
            if let subject { fit.removeSubrange((subject + 1)..<(subject + 1 + ofSubject)) }
            fit.removeLast(surplus - ofSubject)
            if isSound(fit) { found.append(fit) }
        }
        guard found.count == 1 else {
            throw BillMistake("the line has \(fields.count) columns; expected \(names.count)")
        }
        return found[0]
    }

    private func isSound(_ fields: [Field]) -> Bool {
        let times = [createdAt, finishedAt].map { String(decoding: fields[$0], as: UTF8.self) }
        return times.allSatisfy { AlipayTime.instant($0) != nil }
            && amounts.allSatisfy { column in
                let text = String(decoding: fields[column], as: UTF8.self)
                return text.isEmpty || BillNumber.micros(text) != nil
            }
    }

    /// Fields of which some stand in quotes. A quote inside is doubled.
    private static func quotedFields(_ bytes: [UInt8]) -> [Field] {
        var fields: [Field] = []
        var start = bytes.startIndex
        var isQuoted = false
        for (place, byte) in bytes.enumerated() {
            if byte == quote, isQuoted || place == start { isQuoted.toggle() }
            if byte == comma, !isQuoted {
                fields.append(bytes[start..<place])
                start = place + 1
            }
        }
        fields.append(bytes[start...])
        return fields
    }

    /// Without the tab that keeps the digits of long numbers in spreadsheets, without spaces, and without quotes.
    private static func trimmed(_ field: Field) -> Field {
        var field = trimmedSpace(field)
        if field.count >= 2, field.first == quote, field.last == quote {
            field = trimmedSpace(field.dropFirst().dropLast())
        }
        return field
    }

    private static func trimmedSpace(_ field: Field) -> Field {
        var field = field
        while let last = field.last, last == 0x20 || last == 0x09 { field.removeLast() }
        return field.drop { $0 == 0x20 || $0 == 0x09 }
    }
}
