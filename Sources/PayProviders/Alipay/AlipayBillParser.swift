import PayCore

/// Reads Alipay's business bill (业务明细): lines that begin with `#`, a header, the rows, the end of the list, and the
/// counts of the rows. The file is in GBK.
///
/// A byte of a comma, a tab or a line ending is never a part of a character of GBK. So the bytes are split, and only the
/// fields that are used are decoded.
struct AlipayBillParser: BillParser {
    private enum Place {
        case beforeList, header
        case rows(AlipayBillColumns)
        case afterList
    }

    private static let hash = UInt8(ascii: "#")
    private static let list = "业务明细列表"
    private static let endOfList = "业务明细列表结束"
    private static let notABill = BillFlaw("the file is not a business bill (业务明细) of Alipay")

    private let gbk: GBKText
    private var place = Place.beforeList
    private var counts = AlipayBillCounts()

    init() throws(BillFlaw) {
        gbk = try GBKText()
    }

    mutating func read(_ line: BillText, row: Int) throws(BillFlaw) -> BillRow? {
        guard case .line(let bytes) = line else {
            switch place {
            case .beforeList, .header: throw Self.notABill
            case .rows, .afterList:
                counts.others += 1
                return .unreadable(row, .tooLong)
            }
        }
        if bytes.isEmpty { return nil }
        switch place {
        case .beforeList:
            guard bytes.first == Self.hash else { throw Self.notABill }
            if let text = gbk.decode(bytes), text.contains(Self.list), !text.contains(Self.endOfList) {
                place = .header
            }
            return nil
        case .header:
            if bytes.first == Self.hash { return nil }
            guard let header = gbk.decode(bytes) else { throw Self.notABill }
            place = .rows(try AlipayBillColumns(header))
            return nil
        case .rows(let columns):
            if bytes.first == Self.hash, gbk.decode(bytes)?.contains(Self.endOfList) == true {
                place = .afterList
                return nil
            }
            let read = columns.row(bytes, row, gbk)
            counts.count(read)
            return read
        case .afterList:
            if bytes.first == Self.hash, let text = gbk.decode(bytes) {
                counts.read(text)
                return nil
            }
            counts.others += 1
            return .unreadable(row, BillMistake("the line follows the end of the list"))
        }
    }

    mutating func finish(row: Int) throws(BillFlaw) -> BillRow? {
        switch place {
        case .beforeList, .header: throw Self.notABill
        case .rows: .unreadable(row, BillMistake("the file ends before the end of its list"))
        case .afterList:
            counts.agree ? nil : .unreadable(row, BillMistake("交易合计, 退款合计: differ from the number of rows"))
        }
    }
}

/// The numbers of rows that were read, and those that the bill names at its end.
private struct AlipayBillCounts {
    private var payments = 0
    private var refunds = 0
    /// Rows of other kinds, and rows that were not understood.
    var others = 0
    private var statedPayments: Int?
    private var statedRefunds: Int?

    mutating func count(_ row: BillRow) {
        switch row {
        case .line(let line) where line.kind == .payment: payments += 1
        case .line: refunds += 1
        case .other, .unreadable: others += 1
        }
    }

    /// Reads a line like `#交易合计：6笔，商家实收共0.06元`.
    mutating func read(_ text: String) {
        let digits = text.drop { $0 != "：" && $0 != ":" }.dropFirst()
        guard let end = digits.firstIndex(of: "笔"), let count = Int(digits[..<end]) else { return }
        if text.hasPrefix("#交易合计") { statedPayments = count }
        if text.hasPrefix("#退款合计") { statedRefunds = count }
    }

    /// A row that is neither may be counted as either, or not at all.
    var agree: Bool {
        let (statedPayments, statedRefunds) = (statedPayments ?? 0, statedRefunds ?? 0)
        return statedPayments >= payments && statedRefunds >= refunds
            && statedPayments + statedRefunds <= payments + refunds + others
    }
}
