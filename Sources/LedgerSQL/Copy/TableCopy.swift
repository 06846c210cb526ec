import Crypto

/// Copies all rows of a database to an empty one, and compares both, within a transaction of each.
package struct TableCopy {
    /// The rows of a table that were copied and compared.
    package struct Report: Hashable, Sendable {
        package let table: String
        package let rows: Int
        /// The sum of the column `amount`; nil if the table has none.
        package let amount: Int64?
    }

    private let source: any CopyEnd
    private let target: any CopyEnd
    private let progress: (_ table: String, _ rows: Int) -> Void

    /// - Parameter progress: is told of the rows of a table that were copied so far.
    package init(
        from source: any CopyEnd, to target: any CopyEnd, progress: @escaping (_ table: String, _ rows: Int) -> Void
    ) {
        self.source = source
        self.target = target
        self.progress = progress
    }

    package func run(_ tables: [CopiedTable]) throws -> [Report] {
        for table in tables where try target.hasRows(table.name) { throw CopyFailure.hasRows(table: table.name) }
        for table in tables {
            var count = 0
            try source.read(table) { rows in
                try target.insert(rows, into: table)
                count += rows.count
                progress(table.name, count)
            }
        }
        return try tables.map(compare)
    }

    /// Compares every value of every row.
    private func compare(_ table: CopiedTable) throws -> Report {
        var expected = Fingerprint(table)
        var found = Fingerprint(table)
        try source.read(table) { rows in for row in rows { expected.add(row) } }
        try target.read(table) { rows in for row in rows { found.add(row) } }
        guard expected == found else { throw CopyFailure.differs(table: table.name) }
        return Report(table: table.name, rows: found.rows, amount: found.amount)
    }
}

/// The count of a table's rows, the sum of their amounts, and a digest of all values in their order.
struct Fingerprint: Equatable {
    private(set) var rows = 0
    private(set) var amount: Int64?
    private var digest = RowDigest()
    private let amountPlace: Int?

    init(_ table: CopiedTable) {
        amountPlace = table.columns.firstIndex(of: "amount")
        amount = amountPlace == nil ? nil : 0
    }

    mutating func add(_ row: CopiedRow) {
        rows += 1
        if let amountPlace, case .integer(let value) = row[amountPlace] { amount = (amount ?? 0) &+ value }
        for value in row { digest.add(value) }
    }
}

/// SHA-256 of values, one after the other.
struct RowDigest: Equatable {
    private var hash = SHA256()

    /// Each value begins with its type, and a text with its length, so that no two lists of values look alike.
    mutating func add(_ value: StoredValue?) {
        switch value {
        case nil:
            hash.update(data: [0])
        case .integer(let integer):
            hash.update(data: [1])
            withUnsafeBytes(of: integer.littleEndian) { hash.update(bufferPointer: $0) }
        case .text(let text):
            hash.update(data: [2])
            withUnsafeBytes(of: text.utf8.count.littleEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: Array(text.utf8))
        }
    }

    static func == (left: RowDigest, right: RowDigest) -> Bool { left.hash.finalize() == right.hash.finalize() }
}
