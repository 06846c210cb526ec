import PayCore
import Synchronization
import Testing

@testable import PayProviders

/// Lines that are made while they are read.
private struct EndlessBill: BillBytes {
    let header: [UInt8]
    let row: [UInt8]
    let footer: [UInt8]
    private var left: Int
    private var place = 0

    init(header: String, row: String, footer: String, rows: Int) {
        self.header = Array(header.utf8)
        self.row = Array(row.utf8)
        self.footer = Array(footer.utf8)
        left = rows
    }

    mutating func next() throws(BillFlaw) -> [UInt8]? {
        defer { place += 1 }
        if place == 0 { return header }
        guard left > 0 else { return place > 0 && left == 0 ? end() : nil }
        let count = min(left, 200)
        left -= count
        return Array((0..<count).map { _ in row }.joined())
    }

    private mutating func end() -> [UInt8] {
        left = -1
        return footer
    }
}

@Suite(.timeLimit(.minutes(5))) struct BillStreamTests {
    private static let rows = 200_000

    @Test func `a bill of 200,000 rows is handed over in batches of bounded size`() async throws {
        let bill = EndlessBill(
            header: SandboxWire.Bill.columns.joined(separator: ",") + "\n",
            row: "payment,20261122_0001_1,sbx_1,,9900,CNY,2026-11-22T10:00:00.000Z\n", footer: "total,\(Self.rows)\n",
            rows: Self.rows)
        let largest = Mutex(0)
        let count = Mutex(0)
        let read = try await BillReading.handOver(bill, to: SandboxBillParser()) { batch in
            largest.withLock { $0 = max($0, batch.count) }
            count.withLock { $0 += batch.count }
        }
        #expect(read == .success(Self.rows))
        #expect(count.withLock { $0 } == Self.rows)
        #expect(largest.withLock { $0 } == BillLimits.batchRows)
    }

    @Test func `no more than a piece and a line are held in memory`() throws {
        let row = String(repeating: "`field,", count: 40) + "\n"
        var lines = BillLines(EndlessBill(header: "header\n", row: row, footer: "end\n", rows: Self.rows))
        var (largest, count) = (0, 0)
        while try lines.next() != nil {
            largest = max(largest, lines.bytesHeld)
            count += 1
        }
        #expect(count == Self.rows + 2)
        #expect(largest <= 200 * row.utf8.count + BillLimits.lineBytes)
    }
}
