extension CivilTime {
    /// The form of HTTP's `Date` field (RFC 9110, section 5.6.7): `Sun, 22 Nov 2026 10:30:00 GMT`.
    ///
    /// Precondition: the offset is zero.
    package func writeHTTPDate(to bytes: inout [UInt8]) {
        bytes += Self.weekdays[Int(date.weekday)].utf8
        bytes += ", ".utf8
        bytes.append(date.day, digits: 2)
        bytes += Self.months[Int(date.month) - 1].utf8
        bytes.append(date.year, digits: 4)
        bytes.append(UInt8(ascii: " "))
        writeClock(to: &bytes)
        bytes += " GMT".utf8
    }

    /// Reads the form above. Nil for any other text, and where the weekday isn't the date's.
    package init?(httpDate text: String) {
        var reader = TimeReader(text)
        guard reader.characters(5) != nil, let day = reader.number(digits: 2), let name = reader.characters(5),
            let month = Self.months.firstIndex(where: { $0 == name }), let year = reader.number(digits: 4),
            reader.skip(" "), let clock = reader.clock(),
            let date = CivilDate(year: year, month: Int64(month) + 1, day: day)
        else { return nil }
        self.init(date, clock, offset: .utc)
        var written: [UInt8] = []
        writeHTTPDate(to: &written)
        guard written.elementsEqual(text.utf8) else { return nil }
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        " Jan ", " Feb ", " Mar ", " Apr ", " May ", " Jun ", " Jul ", " Aug ", " Sep ", " Oct ", " Nov ", " Dec ",
    ]
}
