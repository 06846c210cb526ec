import HTTPTypes
import Hummingbird
import PayCore

/// A language of the console. The raw value is its language tag.
enum ConsoleLanguage: String, CaseIterable, Sendable {
    case english = "en"
    case chinese = "zh-CN"

    /// The language that the browser's cookie names, or else the one that `Accept-Language` prefers.
    init(of request: Request, _ cookies: ConsoleCookies) {
        if let chosen = cookies.value(CookieStem.language, in: request).flatMap(ConsoleLanguage.init(rawValue:)) {
            self = chosen
            return
        }
        switch BuyerLanguage.preferred(by: request.headers[values: .acceptLanguage]) {
        case .chinese, .traditionalChinese: self = .chinese
        default: self = .english
        }
    }

    var words: ConsoleWords {
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

    var other: ConsoleLanguage { self == .english ? .chinese : .english }
}

/// The switch of languages.
enum LanguageRoute {
    private static let life = Duration.seconds(365 * 86_400)

    static func path(_ language: ConsoleLanguage, back: String) -> String {
        "/console/language/\(language.rawValue)?to=\(back.percentEncoded)"
    }

    static let routes = [
        ConsoleRoute.openGet("/console/language/{tag}") { visit in
            guard let language = visit.parameter("tag").flatMap(ConsoleLanguage.init(rawValue:)) else {
                return .notFound
            }
            return .redirect(
                to: visit.query("to").flatMap(SafePath.own) ?? ConsolePath.home,
                cookies: [visit.cookies.set(CookieStem.language, language.rawValue, for: life)])
        }
    ]
}
