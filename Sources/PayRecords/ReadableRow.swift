package import PayCore

/// A row that is read back into valid values. No content of a column makes reading trap: it throws ``UnreadableRow``.
///
/// A store reads texts and integers; everything else is derived from these two.
package protocol ReadableRow {
    /// Nil for NULL. Throws for a value of another type.
    func optionalText(_ column: String) throws -> String?
    /// Nil for NULL. Throws for a value of another type.
    func optionalInteger(_ column: String) throws -> Int64?
    /// The error that names this row and the column.
    func unreadable(_ column: String) -> UnreadableRow
}

// Inlinable, so that a store in another target reads a column without a generic call.
extension ReadableRow {
    @inlinable package func text(_ column: String) throws -> String {
        guard let text = try optionalText(column) else { throw unreadable(column) }
        return text
    }

    @inlinable package func integer(_ column: String) throws -> Int64 {
        guard let integer = try optionalInteger(column) else { throw unreadable(column) }
        return integer
    }

    @inlinable package func count(_ column: String, in range: ClosedRange<Int64>) throws -> Int {
        let count = try integer(column)
        guard range.contains(count) else { throw unreadable(column) }
        return Int(count)
    }

    @inlinable package func flag(_ column: String) throws -> Bool {
        switch try integer(column) {
        case 0: false
        case 1: true
        default: throw unreadable(column)
        }
    }

    @inlinable package func optionalInstant(_ column: String) throws -> Instant? {
        guard let milliseconds = try optionalInteger(column) else { return nil }
        let instant = Instant(milliseconds: milliseconds)
        guard instant == instant.clamped else { throw unreadable(column) }
        return instant
    }

    @inlinable package func instant(_ column: String) throws -> Instant {
        guard let instant = try optionalInstant(column) else { throw unreadable(column) }
        return instant
    }

    /// A text that `parse` turns into a value.
    @inlinable package func value<Value>(_ column: String, _ parse: (String) -> Value?) throws -> Value {
        guard let value = parse(try text(column)) else { throw unreadable(column) }
        return value
    }

    /// A text that `parse` turns into a value; nil for NULL.
    @inlinable package func optionalValue<Value>(_ column: String, _ parse: (String) -> Value?) throws -> Value? {
        guard let text = try optionalText(column) else { return nil }
        guard let value = parse(text) else { throw unreadable(column) }
        return value
    }

    @inlinable package func money(_ amount: String, _ currency: String) throws -> Money {
        let currencyValue = try value(currency, Currency.init)
        guard let money = Money(amount: try integer(amount), currency: currencyValue) else { throw unreadable(amount) }
        return money
    }
}
