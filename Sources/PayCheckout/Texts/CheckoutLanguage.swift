import FoundationEssentials

/// A language that the hosted page speaks.
enum CheckoutLanguage: String, CaseIterable, Sendable {
    case english = "en"
    case chinese = "zh-CN"

    var texts: CheckoutTexts {
        switch self {
        case .english: .english
        case .chinese: .chinese
        }
    }

    /// What its readers call it.
    var ownName: String {
        switch self {
        case .english: "English"
        case .chinese: "简体中文"
        }
    }

    /// By which money is written.
    var locale: Locale {
        switch self {
        case .english: Locale(identifier: "en_US")
        case .chinese: Locale(identifier: "zh_CN")
        }
    }

    private static let longestHeader = 1_024

    /// What `Accept-Language` likes best of what there is (RFC 9110, 12.5.4); English where it likes none.
    static func preferred(by headers: [String]) -> CheckoutLanguage {
        // A browser lists a few languages; a header may have 80 KiB.
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
        // Whoever reads traditional characters reads simplified ones sooner than English.
        case "zh": language = .chinese
        default: language = nil
        }
    }
}
