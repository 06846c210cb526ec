import PayCore

extension Settings {
    /// The export of traces.
    struct Tracing: Hashable, Sendable {
        /// The URL of the collector for traces.
        let url: String
        /// The share of the traces that are recorded, 0 to 1.
        let sample: Double
    }
}

extension SettingsReader {
    /// Nil without a mistake if no collector is set.
    mutating func tracing() -> Settings.Tracing? {
        let endpoint = value(.tracingEndpoint, BaseURL.parse)
        let sample = value(.tracingSample, SettingRules.share)
        guard let endpoint, let sample else { return nil }
        return Settings.Tracing(url: "\(endpoint)/v1/traces", sample: sample)
    }
}

extension SettingRules {
    /// A part of a whole, in decimal digits.
    static func share(_ text: String) throws(Complaint) -> Double {
        guard text.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "." }), let share = Double(text),
            (0...1).contains(share)
        else { throw Complaint("is not a share", remedy: "set it to a number from 0 to 1, such as 0.01") }
        return share
    }
}
