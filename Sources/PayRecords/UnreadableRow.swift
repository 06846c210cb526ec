/// A stored row can't be read back as a valid value: the database was edited by hand.
package struct UnreadableRow: Error, Hashable, CustomStringConvertible {
    package let table: String
    package let key: String
    package let column: String

    package init(table: String, key: String, column: String) {
        self.table = table
        self.key = key
        self.column = column
    }

    package var description: String {
        "table \(table), row \(key): column \(column) has a value that Paypage never stores; correct the row, or "
            + "restore a backup"
    }
}
