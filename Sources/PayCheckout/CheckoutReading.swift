import HTTPTypes
import Hummingbird
import PayCore

/// The request for the page: its query and the browser's headers. Invalid values are ignored, because messengers and
/// mail programs add parameters of their own to a link.
struct CheckoutReading: Hashable, Sendable {
    /// In seconds. The query can't make a reader wait longer.
    private static let longestWait: Int64 = 600

    let language: CheckoutLanguage
    let terminal: Terminal
    let app: CheckoutApp?
    /// Empty if the query has none.
    let openID: String
    /// Whether the terminal was derived from the browser, not from the query.
    let isTerminalSeen: Bool
    private let pressed: CheckoutPress?
    /// The channel of a press that the script is waiting for.
    let underWay: Channel?
    let acceptsGzip: Bool
    /// The valid choices of the query, which every link of the page repeats.
    let carried: [CheckoutView.Field]

    init(_ request: Request) {
        let query = request.uri.queryParameters
        func value(_ name: String) -> String? { query.getAll(name).first.map { String($0) } }
        let language = value("lang").flatMap { CheckoutLanguage(tag: $0) }
        let terminal = value("terminal").flatMap(Terminal.init)
        let openID = value("openid").flatMap { CheckoutForm.isOpenID($0) ? $0 : nil }
        self.language = language ?? .preferred(by: request.headers[values: .acceptLanguage])
        self.terminal = terminal ?? CheckoutTerminal.of(userAgent: request.headers[.userAgent])
        app = CheckoutApp(userAgent: request.headers[.userAgent])
        self.openID = openID ?? ""
        isTerminalSeen = terminal == nil
        pressed = value("news").flatMap(CheckoutNews.init).map { news in
            CheckoutPress(
                news: news, channel: value("channel").flatMap(Channel.init),
                wait: .seconds(value("wait").flatMap { Int64($0) }.map { min(max($0, 0), Self.longestWait) } ?? 0),
                revision: value("seen"))
        }
        acceptsGzip = request.acceptsGzip
        underWay = value("pressed").flatMap(Channel.init)
        carried = [("lang", language?.rawValue), ("terminal", terminal?.rawValue), ("openid", openID)]
            .compactMap { name, value in value.map { .init(field: name, value: $0) } }
    }

    /// The result of the last press, unless the order has changed since. An address can be opened again later (by a
    /// reload, the back button, a restored tab). It must not repeat an old request then.
    func lastPress(at revision: String) -> CheckoutPress? {
        pressed.flatMap { $0.revision == revision ? $0 : nil }
    }
}

/// The result of a press on a button that did not lead to a page.
struct CheckoutPress: Hashable, Sendable {
    let news: CheckoutNews
    /// The requested channel; nil if it is invalid.
    let channel: Channel?
    /// How long to wait before another try; zero if waiting does not help.
    let wait: Duration
    /// The order's revision after the press.
    let revision: String?
}
