/// A language of the pages that a buyer reads. The raw value is its language tag (BCP 47).
package enum BuyerLanguage: String, CaseIterable, Sendable {
    case english = "en"
    case chinese = "zh-CN"
    case traditionalChinese = "zh-Hant"
    case japanese = "ja"
    case korean = "ko"
    case german = "de"
    case french = "fr"
    case spanish = "es"
    case arabic = "ar"

    /// The language that a tag names, whatever its region: `de-AT` is German, `zh-HK` traditional Chinese. Nil if the
    /// pages don't have the language.
    package init?(tag: some StringProtocol) {
        let parts = tag.lowercased().split(separator: "-", omittingEmptySubsequences: false)
        switch parts.first {
        case "en": self = .english
        case "zh": self = Self.isTraditional(parts.dropFirst()) ? .traditionalChinese : .chinese
        case "ja": self = .japanese
        case "ko": self = .korean
        case "de": self = .german
        case "fr": self = .french
        case "es": self = .spanish
        case "ar": self = .arabic
        default: return nil
        }
    }

    /// The script decides. Without one, the region does.
    private static func isTraditional(_ subtags: ArraySlice<Substring>) -> Bool {
        if subtags.contains("hans") { return false }
        return subtags.contains { ["hant", "tw", "hk", "mo"].contains($0) }
    }

    /// The language's name in the language itself.
    package var ownName: String {
        switch self {
        case .english: "English"
        case .chinese: "简体中文"
        case .traditionalChinese: "繁體中文"
        case .japanese: "日本語"
        case .korean: "한국어"
        case .german: "Deutsch"
        case .french: "Français"
        case .spanish: "Español"
        case .arabic: "العربية"
        }
    }

    /// The value of HTML's `dir` attribute.
    package var direction: String { self == .arabic ? "rtl" : "ltr" }

    private static let longestHeader = 1_024

    /// The available language that `Accept-Language` prefers (RFC 9110, 12.5.4); English if it accepts none.
    package static func preferred(by headers: [String]) -> BuyerLanguage {
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
    let language: BuyerLanguage?
    let quality: Double

    init?(_ text: Substring) {
        let parts = text.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
        guard let range = parts.first else { return nil }
        let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) }
        quality = min(max(weight ?? 1, 0), 1)
        language = BuyerLanguage(tag: range)
    }
}
