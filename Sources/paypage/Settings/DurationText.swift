import PayCore

/// Durations as people write them: `500ms`, `30s`, `30m`, `2h`, `15d`, and sums from large to small units, such as
/// `1h30m`.
enum DurationText {
    private static let milliseconds: [(unit: String, each: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1),
    ]

    /// Keeps the sum of all units far from an overflow.
    private static let mostDigits = 9

    /// Nil if the text is not a duration.
    static func parse(_ text: String) -> Duration? {
        var rest = text.utf8[...]
        var units = milliseconds[...]
        var total: Int64 = 0
        while !rest.isEmpty {
            let digits = rest.prefix(while: \.isASCIIDigit)
            let letters = rest.dropFirst(digits.count).prefix(while: { !$0.isASCIIDigit })
            guard digits.count <= mostDigits, let count = Int64(String(Substring(digits))),
                let unit = units.firstIndex(where: { $0.unit.utf8.elementsEqual(letters) })
            else { return nil }
            total += count * units[unit].each
            units = units[(unit + 1)...]
            rest = rest.dropFirst(digits.count + letters.count)
        }
        return text.isEmpty ? nil : .milliseconds(total)
    }

    static func text(of duration: Duration) -> String {
        var rest = duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000
        var text = ""
        for (unit, each) in milliseconds where rest >= each {
            text += "\(rest / each)\(unit)"
            rest %= each
        }
        return text
    }
}

extension SettingRules {
    /// A duration up to `longest`, and at least `shortest` if that is set.
    static func duration(
        from shortest: Duration = .milliseconds(1),
        upTo longest: Duration
    ) -> Rule<Duration> {
        { text throws(Complaint) in
            guard let duration = DurationText.parse(text) else {
                throw Complaint("is not a duration", remedy: "write it with a unit, such as 500ms, 30s, 1h30m or 15d")
            }
            guard duration >= shortest else {
                throw Complaint("is too short", remedy: "set it to at least \(DurationText.text(of: shortest))")
            }
            guard duration <= longest else {
                throw Complaint("is too long", remedy: "set it to at most \(DurationText.text(of: longest))")
            }
            return duration
        }
    }
}
