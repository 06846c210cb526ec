import CPQ
package import LedgerSQL

/// The result of a statement.
package final class Rows {
    private let result: OpaquePointer
    /// The rows that the statement changed, or found.
    package let affected: Int
    /// The server's word for the statement, such as `SELECT 3` or `INSERT 0 1`.
    package let tag: String

    /// Takes over the result, and frees it.
    package init(_ result: OpaquePointer, tag: String? = nil, affected: Int? = nil) {
        self.result = result
        self.tag = tag ?? String(cString: PQcmdStatus(result))
        self.affected = affected ?? Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    deinit { PQclear(result) }

    package var count: Int { Int(PQntuples(result)) }

    package subscript(row: Int) -> PostgresRow { PostgresRow(result, row, of: self) }

    package func map<Value>(_ read: (PostgresRow) throws -> Value) rethrows -> [Value] {
        try (0..<count).map { try read(self[$0]) }
    }
}

/// A row of a result, by the positions of its columns.
package struct PostgresRow: FoundRow {
    private let result: OpaquePointer
    private let row: CInt
    /// Keeps the result.
    private let rows: Rows

    fileprivate init(_ result: OpaquePointer, _ row: Int, of rows: Rows) {
        self.result = result
        self.row = CInt(row)
        self.rows = rows
    }

    package func kind(_ column: Int) -> ValueKind {
        let column = CInt(column)
        guard PQgetisnull(result, row, column) == 0 else { return .null }
        switch ColumnType(rawValue: PQftype(result, column)) {
        case .bool, .smallint, .integer, .bigint, .xid8: return .integer
        // Sums of bigint.
        case .numeric: return wholeNumber(column) == nil ? .other : .integer
        case .text, .varchar, .uuid: return .text
        case nil: return .other
        }
    }

    package func integer(_ column: Int) -> Int64 {
        let column = CInt(column)
        if PQftype(result, column) == ColumnType.bool.rawValue {
            return bytes(column).first == UInt8(ascii: "t") ? 1 : 0
        }
        return wholeNumber(column) ?? 0
    }

    package func text(_ column: Int) -> String? { String(decoding: bytes(CInt(column)), as: UTF8.self) }

    private func bytes(_ column: CInt) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column)))
    }

    private func wholeNumber(_ column: CInt) -> Int64? {
        let bytes = bytes(column)
        let isNegative = bytes.first == UInt8(ascii: "-")
        var number: Int64 = 0
        for byte in isNegative ? bytes.dropFirst() : bytes[...] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            // Counted downwards: the least number has no positive counterpart.
            let (tenfold, isTooLarge) = number.multipliedReportingOverflow(by: 10)
            let (next, isTooLargeThen) = tenfold.subtractingReportingOverflow(Int64(byte - UInt8(ascii: "0")))
            guard !isTooLarge, !isTooLargeThen else { return nil }
            number = next
        }
        if isNegative { return number }
        return number == .min ? nil : -number
    }
}

/// The types of our columns, by their numbers in PostgreSQL's catalog (`pg_type.dat`).
private enum ColumnType: UInt32 {
    case bool = 16
    case bigint = 20
    case smallint = 21
    case integer = 23
    case text = 25
    case varchar = 1043
    case numeric = 1700
    case uuid = 2950
    case xid8 = 5069
}
