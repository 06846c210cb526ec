import HTTPTypes
import Hummingbird
import PayCore

/// How somebody reads the page: what the query and the browser say. What makes no sense is passed over: messengers and
/// mail programs hang words of their own on a link.
struct CheckoutReading: Sendable {
    /// Nobody is made to wait longer by a word in a link.
    private static let longestWait: Int64 = 600

    let language: CheckoutLanguage
    let terminal: Terminal
    /// Empty where none was given.
    let openID: String
    let channel: Channel?
    let news: CheckoutNews?
    let wait: Duration
    /// What the query chose, to be chosen again by every link of the page.
    let carried: [CheckoutView.Field]

    init(_ request: Request) {
        let query = request.uri.queryParameters
        func value(_ name: String) -> String? { query.getAll(name).first.map { String($0) } }
        let language = value("lang").flatMap(CheckoutLanguage.init)
        let terminal = value("terminal").flatMap(Terminal.init)
        let openID = value("openid").flatMap { CheckoutForm.isOpenID($0) ? $0 : nil }
        self.language = language ?? .preferred(by: request.headers[values: .acceptLanguage])
        self.terminal = terminal ?? CheckoutTerminal.of(userAgent: request.headers[.userAgent])
        self.openID = openID ?? ""
        channel = value("channel").flatMap(Channel.init)
        news = value("news").flatMap(CheckoutNews.init)
        wait = .seconds(value("wait").flatMap { Int64($0) }.map { min(max($0, 0), Self.longestWait) } ?? 0)
        carried = [("lang", language?.rawValue), ("terminal", terminal?.rawValue), ("openid", openID)]
            .compactMap { name, value in value.map { .init(field: name, value: $0) } }
    }

    private init(_ other: CheckoutReading, news: CheckoutNews) {
        language = other.language
        terminal = other.terminal
        openID = other.openID
        channel = other.channel
        self.news = news
        wait = .zero
        carried = other.carried
    }

    /// The same, with something to tell.
    func with(news: CheckoutNews) -> CheckoutReading { CheckoutReading(self, news: news) }
}
