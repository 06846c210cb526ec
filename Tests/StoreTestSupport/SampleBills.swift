package import PayCore
package import PayFlow
import Testing

extension BillStore {
    /// Loads a bill whole.
    @discardableResult
    package func load(_ rows: [BillRow], of day: BillDay, digest: String = "digest") async throws -> BillLoading {
        let claim = try #require(
            try await claimBill(of: sandbox, day, by: WorkerID("w"), until: at(900), at: noon, audit: nil))
        try await stage(rows, under: claim, until: at(900))
        return try await load(BillFile(digest: digest, rows: rows.count), under: claim, at: noon)
    }

    package func compare(_ place: LinePlace? = nil, limit: Int = 1_000) async throws -> ComparedLines {
        try await compareLines(of: sandbox, behind: place, limit: limit, foreign: .report, at: noon)
    }
}

package func line(_ row: Int, _ transaction: String?, of trade: String, amount: Int64 = yuan.amount) -> BillRow {
    .line(
        BillLine(
            row: row, kind: .payment, status: .succeeded, tradeNumber: trade, transactionID: transaction,
            amount: amount, currencyCode: "CNY", feeMicros: 6_000, at: noon))
}
