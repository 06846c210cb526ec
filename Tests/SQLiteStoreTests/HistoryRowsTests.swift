import PayCore
import PayFlow
import PayRecords
import StoreTestSupport
import Testing

@testable import LedgerSQL
@testable import SQLiteStore

struct HistoryRowsTests {
    private let number = orderNumber("order_1")

    /// One of each that the table keeps.
    private static let facts: [HistoryEntry.What] = [
        .changed(.made), .noted(.asked(wechat, .jsapi)), .noted(.closeAsked),
        .noted(.called(.refund, trade("order_1", 1), answer: "refused: NOT_ENOUGH 余额")),
        .changed(.attemptBegan(trade("order_1", 2), sandbox, .app)),
        .changed(.attemptMoved(trade("order_1", 1), from: .creating, to: .exposed)),
        .changed(.pageMinted(trade("order_1", 1), .redirect, .h5, expiresAt: at(300))),
        .changed(.pageEnded(trade("order_1", 1), .jsapi)), .changed(.takenOver(Fence(7))),
        .changed(.moved(to: .expired)),
        .changed(.refundWritten("order_1_1_r2", of: trade("order_1", 1), .pending)),
        .changed(.refundMoved("order_1_1_r2", of: trade("order_1", 1), from: .submitted, to: .failed)),
    ]

    @Test func `every kind of entry is read back as it was stored, in its order`() async throws {
        try await withScratch { scratch in
            let ledger = try scratch.ledger()
            try await ledger.put(
                order(
                    "order_1", attempts: [attempt(trade("order_1", 1)), attempt(trade("order_1", 2), .failed)]))
            let began = try await ledger.history(of: number)
            let entries = Self.facts.map { HistoryEntry(at: at(5), $0) }
            let number = number
            try await ledger.write(.statements) { try HistoryRows.append(entries, of: number, $0) }
            #expect(try await ledger.history(of: number) == began + entries)
            #expect(try await ledger.history(of: orderNumber("order_2")) == [])
        }
    }

    @Test func `every outcome of a stored notice can be read`() async throws {
        try await withScratch { scratch in
            _ = try scratch.ledger()
            let table = try scratch.connection().texts("SELECT sql FROM sqlite_master WHERE name = 'notices'").joined()
            let words = table.matches(of: /outcome = '(\w+)'/).map { String($0.1) }
            // An orphan belongs to no order.
            #expect(Set(words) == Set(SettleOutcome.allCases.map(\.rawValue)))
        }
    }
}
