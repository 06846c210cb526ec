import Foundation
import PayCore
import Testing

@testable import PayProviders

/// Alipay's business bill. The first file is genuine, of 2019.
@Suite(.timeLimit(.minutes(5))) struct AlipayBillParserTests {
    private static let header =
        "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,"
        + "支付宝优惠（元）,商家优惠（元）,券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
    private static let payment =
        "2019091622001458860515315453\t,service_1568601259302\t,交易\t,下单测试,2019-09-16 10:55:16,2019-09-16 10:55:23,"
        + "alipay_store\t,alipay_store\t,alipay\t,\t,*某某(100***@example.com)\t,0.01,0.01,0.00,0.00,0.00,0.00,0.00,,"
        + "0.00\t,0.00,\t,0.00,0.00,下单测试"
    private static let refund =
        "2019091622001458860515315453\t,service_1568601259302\t,退款\t,下单测试,2019-09-16 10:55:16,2019-09-16 10:56:48,"
        + "alipay_store\t,alipay_store\t,alipay\t,\t,*某某(100***@example.com)\t,-0.01,-0.01,0.00,0.00,0.00,0.00,0.00,,"
        + "0.00\t,0.00,re_test_1568602607356\t,0.00,0.00,下单测试"
    private static let before = [
        "#支付宝业务明细查询", "#账号：[20880211096256330156]",
        "#起始日期：[2019年09月16日 00:00:00]   终止日期：[2019年09月17日 00:00:00]",
        "#-----------------------------------------业务明细列表----------------------------------------",
    ]
    private static let end = "#-----------------------------------------业务明细列表结束------------------------------------"

    private static func after(_ payments: Int, _ refunds: Int) -> [String] {
        [
            end, "#交易合计：\(payments)笔，商家实收共0.06元，商家优惠共0.00元", "#退款合计：\(refunds)笔，商家实收退款共-0.04元，商家优惠退款共0.00元",
            "#导出时间：[2019年09月17日 05:46:49]",
        ]
    }

    private static func file(_ rows: [String], _ payments: Int, _ refunds: Int, ending: String = "\n") -> [UInt8] {
        gbk((before + [header] + rows + after(payments, refunds)).map { $0 + ending }.joined())
    }

    /// In GBK, by Python.
    private static func gbk(_ text: String) -> [UInt8] {
        try! Python.run(
            "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read().decode().encode('gbk'))", Array(text.utf8))
    }

    private func parse(_ bytes: [UInt8]) async throws -> [BillRow] {
        try await rows(of: bytes, by: try AlipayBillParser()).get()
    }

    @Test(arguments: ["\n", "\r\n"]) func `the genuine rows of Alipay are read`(_ ending: String) async throws {
        let read = try await parse(Self.file([Self.payment, Self.refund], 1, 1, ending: ending))
        // 2019-09-16 10:55:23 and 10:56:48 in China.
        #expect(
            read == [
                .line(
                    BillLine(
                        row: 1, kind: .payment, status: .succeeded, tradeNumber: "service_1568601259302",
                        transactionID: "2019091622001458860515315453", amount: 1, currencyCode: "CNY", feeMicros: 0,
                        at: Instant(milliseconds: 1_568_602_523_000))),
                .line(
                    BillLine(
                        row: 2, kind: .refund, status: .succeeded, tradeNumber: "service_1568601259302",
                        transactionID: "2019091622001458860515315453", refundNumber: "re_test_1568602607356", amount: 1,
                        currencyCode: "CNY", feeMicros: 0, at: Instant(milliseconds: 1_568_602_608_000))),
            ])
    }

    @Test func `a refund of Alipay is read with a positive amount too, and without a number`() async throws {
        let positive = Self.refund.replacing(",-0.01,-0.01,", with: ",0.01,0.01,")
        let unnamed = Self.refund.replacing("re_test_1568602607356", with: "")
        let read = try await parse(Self.file([positive, unnamed], 0, 2))
        #expect(read.compactMap(\.line).map(\.amount) == [1, 1])
        #expect(read.compactMap(\.line).map(\.refundNumber) == ["re_test_1568602607356", nil])
    }

    @Test(arguments: [
        ("下单,测试", "下单测试"), ("下单测试", "a, b"), ("a,b", "a,b"), ("\"a,b\"", "c"), ("a,b,c,d", "e,f"), ("\"a", "b"),
    ])
    func `commas in a subject and in a remark shift no column`(_ subject: String, _ remark: String) async throws {
        let parts = Self.payment.components(separatedBy: "下单测试")
        let row = parts[0] + subject + parts[1] + remark
        let read = try await parse(Self.file([row, Self.refund], 1, 1))
        #expect(read.map(\.why) == [nil, nil], "\(read)")
        #expect(read[0].line?.amount == 1)
        #expect(read[0].line?.at == Instant(milliseconds: 1_568_602_523_000))
        #expect(read[0].line?.tradeNumber == "service_1568601259302")
    }

    @Test func `a comma that could shift the amount is told`() async throws {
        let coupon = Self.payment.replacing("0.00,,0.00\t", with: "0.00,满10,减2,0.00\t")
        #expect(coupon != Self.payment)
        let read = try await parse(Self.file([coupon], 1, 0))
        #expect(read == [.unreadable(row: 1, why: "the line has 26 columns; expected 25")])
    }

    @Test(arguments: [
        (",0.01,0.01,", ",0.00,0.01,", "订单金额(元): not above zero"),
        (",0.01,0.01,", ",-0.01,0.01,", "订单金额(元): not above zero"),
        (",0.01,0.01,", ",0.001,0.01,", "订单金额(元): not an amount"),
        ("10:55:23", "10:65:23", "完成时间: not a time"), ("service_1568601259302", "", "商户订单号: empty"),
        ("service_1568601259302", "订单", "商户订单号: not a number"),
        ("2019091622001458860515315453", "", "支付宝交易号: empty"), ("交易\t", "", "业务类型: not a word"),
        (",下单测试,2019", ",2019", "the line has 24 columns; expected 25"),
    ])
    func `a row of Alipay that is not understood is told with its column`(
        _ old: String, _ new: String, _ why: String
    ) async throws {
        let row = Self.payment.replacing(old, with: new)
        #expect(row != Self.payment)
        let read = try await parse(Self.file([row, Self.refund], 1, 1))
        #expect(read[0] == .unreadable(row: 1, why: why))
        #expect(read[1].line?.row == 2)
        #expect(read.count == 2)
    }

    @Test func `a row of another type is kept with its type`() async throws {
        let read = try await parse(Self.file([Self.payment.replacing("交易\t", with: "转账\t")], 0, 0))
        #expect(read == [.other(row: 1, type: "转账")])
    }

    @Test func `a bill of Alipay that is cut, or whose counts differ from its rows, is told at its end`() async throws {
        let counts = "交易合计, 退款合计: differ from the number of rows"
        #expect(try await parse(Self.file([Self.payment], 1, 0)).map(\.why) == [nil])
        #expect(try await parse(Self.file([Self.payment], 2, 0)).map(\.why) == [nil, counts])
        #expect(try await parse(Self.file([Self.payment], 1, 1)).map(\.why) == [nil, counts])
        #expect(try await parse(Self.file([Self.payment, Self.payment], 1, 0)).map(\.why) == [nil, nil, counts])
        let cut = Self.gbk((Self.before + [Self.header, Self.payment]).joined(separator: "\n"))
        #expect(try await parse(cut).map(\.why) == [nil, "the file ends before the end of its list"])
        let uncounted = Self.gbk((Self.before + [Self.header, Self.payment, Self.end]).joined(separator: "\n"))
        #expect(try await parse(uncounted).map(\.why) == [nil, counts])
    }

    @Test func `a file that is not Alipay's bill hands nothing over`() async throws {
        let files = [
            "", "<html>", "#支付宝账务明细查询\n#---账务明细列表---\n账务流水号,业务流水号\n1,2\n",
            Self.before.joined(separator: "\n"), (Self.before + [Self.payment]).joined(separator: "\n"),
            ([Self.header, Self.payment]).joined(separator: "\n"),
        ]
        for file in files {
            guard case .failure = try await rows(of: Self.gbk(file), by: try AlipayBillParser()) else {
                return #expect(Bool(false), "rows were handed over: \(file)")
            }
        }
        let older = Self.header.replacing("订单金额（元）", with: "金额（元）")
        let missing = Self.gbk((Self.before + [older, Self.payment]).joined(separator: "\n"))
        #expect(
            try await rows(of: missing, by: try AlipayBillParser())
                == .failure(BillFlaw("the header of the bill lacks the column 订单金额(元)")))
    }

    @Test func `columns are found by their names`() async throws {
        let columns = [
            "备注", "业务类型", "完成时间", "创建时间", "商户订单号", "支付宝交易号", "退款批次号/请求号", "新列", "订单金额(元)",
        ]
        let row = ["x", "退款", "2019-09-16 10:56:48", "2019-09-16 10:55:16", "trade_1", "2019", "r1", "y", "-1.00"]
        let lines = Self.before + [columns.joined(separator: ","), row.joined(separator: ",")] + Self.after(0, 1)
        let line = try await parse(Self.gbk(lines.joined(separator: "\n"))).first?.line
        #expect(line?.amount == 100 && line?.refundNumber == "r1" && line?.tradeNumber == "trade_1")
        #expect(line?.feeMicros == nil)
    }

    /// A line of the file that is not empty is a row, or it frames the rows. A lost or repeated line is told at the end.
    @Test func `of 10,000 mutated bills of Alipay, none loses a line`() async throws {
        let rowLines = [Self.payment, Self.refund, Self.payment.replacing("下单测试,2019", with: "下单,测试,2019")]
        let whole = Self.file(rowLines, 2, 1)
        // Python makes each of these once.
        let (header, end) = (Self.gbk(Self.header), Self.gbk(Self.end))
        let counts = Self.after(2, 1).suffix(3).map { Self.gbk($0) }
        let frame = Set(Self.before.map { Self.gbk($0) } + [header, end] + counts)
        var mutator = BillMutator(seed: 20_261_130)
        var readable = 0
        for round in 0..<10_000 {
            let bytes = mutator.mutate(whole, separator: Array(",".utf8))
            guard case .success(let read) = try await rows(of: bytes, by: try AlipayBillParser()) else { continue }
            readable += 1
            #expect(read.map(\.row) == Array(1..<(read.count + 1)), "round \(round)")
            let lines = bytes.split(separator: 0x0A).map { Array($0.last == 0x0D ? $0.dropLast() : $0) }
                .filter { !$0.isEmpty }
            // Lines that frame nothing in the original. A changed header may still be one.
            let others = lines.count { !frame.contains($0) && $0.first != UInt8(ascii: "#") }
            #expect(read.count >= others - (lines.contains(header) ? 0 : 1), "round \(round)")
            if lines.contains(end), lines.suffix(3) == counts[...] {
                let isTold = read.contains { $0.why != nil || $0.isOther }
                #expect(read.compactMap(\.line).count == 3 || isTold, "round \(round)")
            }
        }
        #expect(readable > 5_000)
    }
}

extension BillRow {
    fileprivate var isOther: Bool {
        if case .other = self { true } else { false }
    }
}
