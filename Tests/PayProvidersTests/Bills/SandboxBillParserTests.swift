import PayCore
import Testing

@testable import PayProviders

@Suite struct SandboxBillParserTests {
    private static let header = "kind,trade_no,transaction_id,refund_no,amount,currency,at"
    private static let payment = "payment,20261122_0001_1,sbx_1,,9900,CNY,2026-11-22T10:00:00.000Z"
    private static let refund = "refund,20261122_0001_1,sbx_1,20261122_0001_1_m1,100,CNY,2026-11-22T10:01:00.000Z"

    private func parse(_ lines: [String]) async throws -> Result<[BillRow], BillFlaw> {
        try await rows(of: Array(lines.map { $0 + "\n" }.joined().utf8), by: SandboxBillParser())
    }

    @Test(arguments: [
        ("payment,20261122_0001_1,sbx_1,,0,CNY,2026-11-22T10:00:00Z", "amount: not an amount"),
        ("payment,20261122_0001_1,sbx_1,,-1,CNY,2026-11-22T10:00:00Z", "amount: not an amount"),
        ("payment,20261122_0001_1,sbx_1,,1.00,CNY,2026-11-22T10:00:00Z", "amount: not an amount"),
        ("payment,20261122_0001_1,sbx_1,,1,XXX,2026-11-22T10:00:00Z", "currency: unknown value"),
        ("payment,20261122_0001_1,sbx_1,,1,CNY,yesterday", "at: not a time"),
        ("payout,20261122_0001_1,sbx_1,,1,CNY,2026-11-22T10:00:00Z", "kind: unknown value"),
        ("payment,,sbx_1,,1,CNY,2026-11-22T10:00:00Z", "trade_no: empty"),
        ("payment,20261122_0001_1,,,1,CNY,2026-11-22T10:00:00Z", "transaction_id: empty"),
        ("payment,20261122_0001_1,sbx_1,r1,1,CNY,2026-11-22T10:00:00Z", "refund_no: does not fit the kind"),
        ("refund,20261122_0001_1,sbx_1,,1,CNY,2026-11-22T10:00:00Z", "refund_no: does not fit the kind"),
        ("payment,20261122_0001_1", "the line has 2 columns; expected 7"),
    ])
    func `a sandbox row that is not understood is told with its column`(_ row: String, _ why: String) async throws {
        let rows = try await parse([Self.header, Self.payment, row, "total,2"]).get()
        #expect(rows.count == 2)
        #expect(rows[1] == .unreadable(row: 2, why: why))
    }

    @Test func `a sandbox bill that is cut, short of a row or has one more is told at its end`() async throws {
        #expect(try await parse([Self.header, Self.payment, "total,1"]).get().map(\.why) == [nil])
        #expect(
            try await parse([Self.header, Self.payment]).get().map(\.why)
                == [nil, "the file ends before the end of its list"])
        let mismatch = "the list has not the number of rows that its end names"
        #expect(try await parse([Self.header, "total,1"]).get().map(\.why) == [mismatch])
        #expect(
            try await parse([Self.header, Self.payment, Self.refund, "total,1"]).get().map(\.why)
                == [nil, nil, mismatch])
    }

    @Test(arguments: ["", "<html>\n", "kind,trade_no\n"])
    func `a file that is not a sandbox bill hands nothing over`(_ text: String) async throws {
        guard case .failure = try await rows(of: Array(text.utf8), by: SandboxBillParser()) else {
            return #expect(Bool(false), "rows were handed over")
        }
    }

    @Test func `of 10,000 mutated sandbox bills, none loses a line`() async throws {
        var mutator = BillMutator(seed: 20_261_129)
        let whole = Array(
            ([Self.header, Self.payment, Self.refund, Self.payment, "total,3"].joined(separator: "\n")).utf8)
        for round in 0..<10_000 {
            let bytes = mutator.mutate(whole, separator: Array(",".utf8))
            guard case .success(let rows) = try await rows(of: bytes, by: SandboxBillParser()) else { continue }
            #expect(rows.map(\.row) == Array(1..<(rows.count + 1)), "round \(round)")
            let lines = bytes.split(separator: 0x0A).map { $0.last == 0x0D ? $0.dropLast() : $0 }.filter { !$0.isEmpty }
            let frame = lines.filter { line in
                line.elementsEqual(Self.header.utf8)
                    || (line.starts(with: "total,".utf8) && !line.dropFirst(6).contains(UInt8(ascii: ",")))
            }
            // A repeated header or end is told too.
            #expect(rows.count >= lines.count - frame.count, "round \(round)")
        }
    }
}
