extension CivilTime {
    /// RFC 3339, whole seconds: `2026-11-22T10:30:00Z`. The milliseconds are cut off.
    package func writeTimestamp(to bytes: inout [UInt8]) {
        writeDate(to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        writeClock(to: &bytes)
        writeOffset(to: &bytes)
    }

    /// RFC 3339, to the millisecond: `2026-11-22T10:30:00.000Z`.
    package func writeExactTimestamp(to bytes: inout [UInt8]) {
        writeDate(to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        writeClock(to: &bytes)
        bytes.append(UInt8(ascii: "."))
        bytes.append(millisecond, digits: 3)
        writeOffset(to: &bytes)
    }

    /// `Z`, or `+08:00`.
    private func writeOffset(to bytes: inout [UInt8]) {
        guard offset != .utc else { return bytes.append(UInt8(ascii: "Z")) }
        let minutes = Int64(offset.seconds.magnitude) / 60
        bytes.append(UInt8(ascii: offset.seconds < 0 ? "-" : "+"))
        bytes.append(minutes / 60, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(minutes % 60, digits: 2)
    }

    /// Reads an RFC 3339 time. The letters `T` and `Z` may be lower case. A fraction has 1 to 9 digits; digits after the
    /// third are cut off. Nil for any other text, for a day that doesn't exist and for a leap second.
    package init?(rfc3339 text: String) {
        var reader = TimeReader(text)
        guard let date = reader.date(), reader.skip("T") || reader.skip("t"), let clock = reader.clock(),
            let millisecond = reader.fraction(), let offset = reader.offset(), reader.isAtEnd
        else { return nil }
        self.init(date, clock, millisecond: millisecond, offset: offset)
    }
}

/// Reads the parts of a written time from the front, byte by byte. A part that can't be read is nil.
package struct TimeReader {
    private var rest: Substring.UTF8View

    package init(_ text: String) {
        rest = text[...].utf8
    }

    package var isAtEnd: Bool { rest.isEmpty }

    /// A number of exactly so many digits.
    package mutating func number(digits count: Int) -> Int64? {
        let digits = rest.prefix(count)
        guard digits.count == count, digits.allSatisfy(\.isASCIIDigit) else { return nil }
        rest = rest.dropFirst(count)
        return digits.decimalNumber
    }

    /// False where another character comes.
    package mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// So many characters, whatever they are.
    package mutating func characters(_ count: Int) -> Substring? {
        let characters = rest.prefix(count)
        guard characters.count == count else { return nil }
        rest = rest.dropFirst(count)
        return Substring(characters)
    }

    /// `2026-11-22`
    package mutating func date() -> CivilDate? {
        guard let year = number(digits: 4), skip("-"), let month = number(digits: 2), skip("-"),
            let day = number(digits: 2)
        else { return nil }
        return CivilDate(year: year, month: month, day: day)
    }

    /// `10:30:00`
    package mutating func clock() -> (hour: Int64, minute: Int64, second: Int64)? {
        guard let hour = number(digits: 2), skip(":"), let minute = number(digits: 2), skip(":"),
            let second = number(digits: 2)
        else { return nil }
        return (hour, minute, second)
    }

    /// In milliseconds; zero where there is no fraction.
    fileprivate mutating func fraction() -> Int64? {
        guard skip(".") else { return 0 }
        let digits = rest.prefix(while: \.isASCIIDigit)
        guard (1...9).contains(digits.count) else { return nil }
        rest = rest.dropFirst(digits.count)
        let first = digits.prefix(3)
        return (0..<(3 - first.count)).reduce(first.decimalNumber) { number, _ in number * 10 }
    }

    /// `Z`, or `+08:00`.
    fileprivate mutating func offset() -> UTCOffset? {
        if skip("Z") || skip("z") { return .utc }
        let isEast = skip("+")
        guard isEast || skip("-"), let hours = number(digits: 2), skip(":"), let minutes = number(digits: 2),
            hours < 24, minutes < 60
        else { return nil }
        let seconds = hours * 3_600 + minutes * 60
        return UTCOffset(seconds: isEast ? seconds : -seconds)
    }
}
