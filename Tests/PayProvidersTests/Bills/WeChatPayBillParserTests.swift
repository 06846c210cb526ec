import Foundation
import PayCore
import Testing

@testable import PayProviders

/// WeChat Pay's trade bill. The headers are those of its documentation, and the row and the summary of its sample.
@Suite(.timeLimit(.minutes(5))) struct WeChatPayBillParserTests {
    private static let header =
        "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,"
        + "退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
    private static let payment =
        "`2022-03-21 13:51:31,`wxfdc955f7104ad557,`180023671,`176531292,`,`420000612032130748613220688,"
        + "`2021WERUN1647840687637,`oZWaCKXip5njeEiloC4oeOV1TTsk,`JSAPI,`SUCCESS,`OTHERS,`CNY,`0.01,`0.00,`0,`0,`0.00,"
        + "`0.00,`,`,`微信云托管支付测试,`,`0.00000,`0.90%,`0.01,`0.00,`"
    private static let refund =
        "`2022-03-21 13:56:08,`wxfdc955f7104ad557,`180023671,`176531292,`,`420000612032130748613220688,"
        + "`2021WERUN1647840687637,`oZWaCKXip5njeEiloC4oeOV1TTsk,`JSAPI,`REFUND,`OTHERS,`CNY,`0.00,`0.00,"
        + "`50300801082022032118565,`2021WERUN1647840687637_m1,`0.01,`0.00,`ORIGINAL,`PROCESSING,`微信云托管支付测试,`,"
        + "`-0.00009,`0.90%,`0.00,`0.01,`"
    private static let summaryHeader = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"

    private static func summary(_ count: Int) -> String { "`\(count),`0.06,`0.06,`0.00,`0.00000,`0.06,`0.06" }

    private static func file(_ rows: [String], _ count: Int, header: String = header, ending: String = "\n") -> [UInt8]
    {
        Array(([header] + rows + [summaryHeader, summary(count)]).map { $0 + ending }.joined().utf8)
    }

    private func parse(_ bytes: [UInt8]) async throws -> [BillRow] {
        try await rows(of: bytes, by: WeChatPayBillParser()).get()
    }

    @Test(arguments: ["\n", "\r\n"], [[], [0xEF, 0xBB, 0xBF] as [UInt8]])
    func `the rows of WeChat's sample are read`(_ ending: String, _ mark: [UInt8]) async throws {
        let read = try await parse(mark + Self.file([Self.payment, Self.refund], 2, ending: ending))
        // 2022-03-21 13:51:31 and 13:56:08 in China.
        #expect(
            read == [
                .line(
                    BillLine(
                        row: 1, kind: .payment, status: .succeeded, tradeNumber: "2021WERUN1647840687637",
                        transactionID: "420000612032130748613220688", amount: 1, currencyCode: "CNY", feeMicros: 0,
                        at: Instant(milliseconds: 1_647_841_891_000))),
                .line(
                    BillLine(
                        row: 2, kind: .refund, status: .accepted, tradeNumber: "2021WERUN1647840687637",
                        transactionID: "420000612032130748613220688", refundNumber: "2021WERUN1647840687637_m1",
                        providerRefundID: "50300801082022032118565", amount: 1, currencyCode: "CNY", feeMicros: -90,
                        at: Instant(milliseconds: 1_647_842_168_000))),
            ])
    }

    @Test(arguments: [
        ("`SUCCESS", "`REVOKED", BillLine.Kind.payment, BillLine.Status.failed)
    ])
    func `a revoked payment of WeChat failed`(
        _ old: String, _ new: String, _ kind: BillLine.Kind, _ status: BillLine.Status
    ) async throws {
        let line = try await parse(Self.file([Self.payment.replacing(old, with: new)], 1)).first?.line
        #expect(line?.kind == kind && line?.status == status)
    }

    @Test(arguments: [
        ("PROCESSING", BillLine.Status.accepted), ("SUCCESS", .accepted), ("FAIL", .failed),
    ])
    func `a refund of WeChat is accepted or failed, never known as done`(
        _ text: String, _ status: BillLine.Status
    ) async throws {
        let row = Self.refund.replacing("`PROCESSING", with: "`\(text)")
        #expect(try await parse(Self.file([row], 1)).first?.line?.status == status)
    }

    @Test func `a comma in a subject of WeChat's bill splits no field`() async throws {
        let row = Self.payment.replacing("微信云托管支付测试", with: "Tea, for two,")
        #expect(try await parse(Self.file([row], 1)).first?.line?.amount == 1)
    }

    @Test func `the older format of WeChat's bill is read by its names`() async throws {
        let header = Self.header.replacing("应结订单金额", with: "总金额").replacing("代金券金额", with: "企业红包金额")
            .replacing(",订单金额,申请退款金额,费率备注", with: "")
        // The same row without its last three columns.
        let fields = Self.payment.components(separatedBy: ",`").dropLast(3).joined(separator: ",`")
        let line = try await parse(Self.file([fields], 1, header: header)).first?.line
        #expect(line?.amount == 1)
        #expect(line?.tradeNumber == "2021WERUN1647840687637")
    }

    @Test(arguments: [
        ("`0.01,`0.00,`", "`0.00,`0.00,`", "订单金额: not above zero"),
        ("`0.90%,`0.01", "`0.90%,`-0.01", "订单金额: not above zero"),
        ("`0.90%,`0.01", "`0.90%,`free", "订单金额: not an amount"), ("`SUCCESS", "`PAID", "交易状态: unknown value"),
        ("`CNY", "`XXX", "货币种类: unknown value"), ("13:51:31", "13:51", "交易时间: not a time"),
        ("`2021WERUN1647840687637", "`", "商户订单号: empty"), ("`420000612032130748613220688", "`", "微信订单号: empty"),
        ("`0,`0,", "`503,`r1,", "微信退款单号: does not fit 交易状态"),
        (",`JSAPI", "", "the line has 26 columns; expected 27"),
        ("`2022-03-21", "2022-03-21", "the line does not begin with a backquote"),
    ])
    func `a row of WeChat that is not understood is told with its column`(
        _ old: String, _ new: String, _ why: String
    ) async throws {
        let row =
            old == "`0.01,`0.00,`"
            ? String(Self.payment.dropLast(old.count)) + new : Self.payment.replacing(old, with: new)
        #expect(row != Self.payment)
        let read = try await parse(Self.file([row, Self.refund], 2))
        #expect(read.first == .unreadable(row: 1, why: why))
        #expect(read.count == 2 && read[1].line != nil)
    }

    @Test func `a bill of WeChat that is cut, or whose count differs from its rows, is told at its end`() async throws {
        let count = "总交易单数: differs from the number of rows"
        #expect(try await parse(Self.file([Self.payment], 1)).map(\.why) == [nil])
        #expect(try await parse(Self.file([Self.payment], 2)).map(\.why) == [nil, count])
        #expect(try await parse(Self.file([Self.payment, Self.payment], 1)).map(\.why) == [nil, nil, count])
        let cut = Array([Self.header, Self.payment].joined(separator: "\n").utf8)
        #expect(try await parse(cut).map(\.why) == [nil, "the file ends before its summary"])
        let more = Self.file([Self.payment], 1) + Array("\(Self.payment)\n".utf8)
        #expect(try await parse(more).map(\.why) == [nil, "the line is not at its place", count])
    }

    @Test(arguments: ["", "{\"code\":\"PARAM_ERROR\"}", "交易时间,商户号\n`1,`2\n"])
    func `a file that is not WeChat's bill hands nothing over`(_ text: String) async throws {
        guard case .failure = try await rows(of: Array(text.utf8), by: WeChatPayBillParser()) else {
            return #expect(Bool(false), "rows were handed over")
        }
    }

    private static func beginsWithCount(_ line: ArraySlice<UInt8>) -> Bool {
        let digits = line.dropFirst().prefix { $0 != UInt8(ascii: ",") }
        return line.first == UInt8(ascii: "`") && Int(String(decoding: digits, as: UTF8.self)) != nil
    }

    @Test func `of 10,000 mutated bills of WeChat, none loses a line`() async throws {
        let whole = Self.file([Self.payment, Self.refund, Self.payment], 3)
        let summaryHeader = Array("总交易单数,".utf8)
        var mutator = BillMutator(seed: 20_261_131)
        var readable = 0
        for round in 0..<10_000 {
            let bytes = mutator.mutate(whole, separator: Array(",`".utf8))
            guard case .success(let read) = try await rows(of: bytes, by: WeChatPayBillParser()) else { continue }
            readable += 1
            #expect(read.map(\.row) == Array(1..<(read.count + 1)), "round \(round)")
            let lines = bytes.split(separator: 0x0A).map { $0.last == 0x0D ? $0.dropLast() : $0 }.filter { !$0.isEmpty }
            // The header, the header of the summary, and the summary frame the rows, each once.
            let end = lines.dropFirst().firstIndex { $0.starts(with: summaryHeader) }
            let isCounted = end.map { lines[($0 + 1)...].contains(where: Self.beginsWithCount) } ?? false
            let frame = 1 + (end == nil ? 0 : 1) + (isCounted ? 1 : 0)
            #expect(read.count >= lines.count - frame, "round \(round)")
            #expect(read.compactMap(\.line).count == 3 || read.contains { $0.why != nil }, "round \(round)")
        }
        #expect(readable > 5_000)
    }
}
