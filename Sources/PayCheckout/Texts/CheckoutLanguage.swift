import FoundationEssentials
import PayCore

/// A language of the hosted page.
typealias CheckoutLanguage = BuyerLanguage

extension BuyerLanguage {
    var texts: CheckoutTexts {
        switch self {
        case .english: .english
        case .chinese: .chinese
        case .traditionalChinese: .traditionalChinese
        case .japanese: .japanese
        case .korean: .korean
        case .german: .german
        case .french: .french
        case .spanish: .spanish
        case .arabic: .arabic
        }
    }

    /// The locale for amounts and times. Arabic is written with Latin digits, as payment apps do.
    var locale: Locale {
        switch self {
        case .english: Locale(identifier: "en_US")
        case .chinese: Locale(identifier: "zh_CN")
        case .traditionalChinese: Locale(identifier: "zh_TW")
        case .japanese: Locale(identifier: "ja_JP")
        case .korean: Locale(identifier: "ko_KR")
        case .german: Locale(identifier: "de_DE")
        case .french: Locale(identifier: "fr_FR")
        case .spanish: Locale(identifier: "es_ES")
        case .arabic: Locale(identifier: "ar_AE")
        }
    }
}
