import HTTPTypes
import Hummingbird
import PayCore

/// How somebody reads the page: what the query and the browser say. What makes no sense is passed over: messengers and
/// mail programs hang words of their own on a link.
struct CheckoutReading: Hashable, Sendable {
    /// Nobody is made to wait longer by a word in a link.
    private static let longestWait: Int64 = 600

    let language: CheckoutLanguage
    let terminal: Terminal
    /// Empty where none was given.
    let openID: String
    /// Whether it is the browser that tells the terminal, and nobody's word.
    let isTerminalSeen: Bool
    private let pressed: CheckoutPress?
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
        isTerminalSeen = terminal == nil
        pressed = value("news").flatMap(CheckoutNews.init).map { news in
            CheckoutPress(
                news: news, channel: value("channel").flatMap(Channel.init),
                wait: .seconds(value("wait").flatMap { Int64($0) }.map { min(max($0, 0), Self.longestWait) } ?? 0),
                revision: value("seen"))
        }
        carried = [("lang", language?.rawValue), ("terminal", terminal?.rawValue), ("openid", openID)]
            .compactMap { name, value in value.map { .init(field: name, value: $0) } }
    }

    /// What the last press came to, as long as nothing has happened to the order since: an address that is come back to
    /// (by a reload, the back button, a restored tab) must not go on with what was wanted then.
    func lastPress(at revision: String) -> CheckoutPress? {
        pressed.flatMap { $0.revision == revision ? $0 : nil }
    }
}

/// What a press on a button came to, where it was no page.
struct CheckoutPress: Hashable, Sendable {
    let news: CheckoutNews
    /// What was asked for; nil for what can't be read.
    let channel: Channel?
    /// How long it was told to wait; zero where waiting changes nothing.
    let wait: Duration
    /// The order's revision behind it.
    let revision: String?
}
