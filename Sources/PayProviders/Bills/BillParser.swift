import PayCore
import PayFlow

/// Reads the lines of one provider's bill.
///
/// Each line is a row, or one of the lines that frame the rows. Nothing else is left out.
protocol BillParser {
    /// Reads the next line. `row` is the number of the row if the line is one. Nil for a line that frames the rows.
    ///
    /// Throws only before the first row: the file is not a bill of this provider.
    mutating func read(_ line: BillText, row: Int) throws(BillFlaw) -> BillRow?

    /// Called at the end of the file. Returns what is missing there, as an unreadable row, or nil.
    mutating func finish(row: Int) throws(BillFlaw) -> BillRow?
}

enum BillReading {
    /// Parses a bill and hands its rows over in batches. Returns the number of rows, or the flaw of the file. Rows that
    /// were handed over before a flaw are void. Throws only the errors of `take`.
    static func handOver<Source: BillBytes>(
        _ source: Source, to parser: some BillParser, _ take: @Sendable ([BillRow]) async throws -> Void
    ) async throws -> Result<Int, BillFlaw> {
        var lines = BillLines(source)
        var parser = parser
        var batch: [BillRow] = []
        var rows = 0
        func read() throws(BillFlaw) -> Bool {
            guard let line = try lines.next() else {
                if let row = try parser.finish(row: rows + 1) {
                    batch.append(row)
                    rows += 1
                }
                return false
            }
            if let row = try parser.read(line, row: rows + 1) {
                batch.append(row)
                rows += 1
            }
            return true
        }
        var goesOn = true
        while goesOn {
            do throws(BillFlaw) {
                goesOn = try read()
            } catch {
                return .failure(error)
            }
            if batch.count >= BillLimits.batchRows || (!goesOn && !batch.isEmpty) {
                try await take(batch)
                batch.removeAll(keepingCapacity: true)
            }
        }
        return .success(rows)
    }
}

extension BillRow {
    /// A row that the provider's column makes unreadable.
    static func unreadable(_ row: Int, _ mistake: BillMistake) -> BillRow {
        .unreadable(row: row, why: mistake.why)
    }
}

/// Why a row is unreadable: the column and its fault. Contains nothing of the row's text.
struct BillMistake: Error, Hashable {
    let why: String

    init(_ why: String) {
        self.why = why
    }

    init(_ column: String, _ fault: String) {
        why = "\(column): \(fault)"
    }

    static let tooLong = BillMistake("the line is longer than \(BillLimits.lineBytes) bytes")
}
