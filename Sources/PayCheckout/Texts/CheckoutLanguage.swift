import FoundationEssentials

/// A language of the hosted page.
enum CheckoutLanguage: String, CaseIterable, Sendable {
    case english = "en"
    case chinese = "zh-CN"

    var texts: CheckoutTexts {
        switch self {
        case .english: .english
        case .chinese: .chinese
        }
    }

    /// The language's name in the language itself.
    var ownName: String {
        switch self {
        case .english: "English"
        case .chinese: "简体中文"
        }
    }

    /// The locale for amounts.
    var locale: Locale {
        switch self {
        case .english: Locale(identifier: "en_US")
        case .chinese: Locale(identifier: "zh_CN")
        }
    }

    private static let longestHeader = 1_024

    /// The available language that `Accept-Language` prefers (RFC 9110, 12.5.4); English if it accepts none.
    static func preferred(by headers: [String]) -> CheckoutLanguage {
        // A browser lists a few languages, but a header may have 80 KiB.
        let ranges = headers.joined(separator: ",").prefix(longestHeader).split(separator: ",").compactMap(
            LanguageRange.init)
        let known = ranges.compactMap { range in range.language.map { (language: $0, quality: range.quality) } }
        let best = known.map(\.quality).max() ?? 0
        return known.first { $0.quality == best && best > 0 }?.language ?? .english
    }
}

/// One entry of an `Accept-Language` header.
private struct LanguageRange {
    let language: CheckoutLanguage?
    let quality: Double

    init?(_ text: Substring) {
        let parts = text.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
        guard let range = parts.first else { return nil }
        let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) }
        quality = min(max(weight ?? 1, 0), 1)
        switch range.prefix(while: { $0 != "-" }) {
        case "en": language = .english
        // Readers of traditional Chinese get simplified Chinese rather than English.
        case "zh": language = .chinese
        default: language = nil
        }
    }
}
