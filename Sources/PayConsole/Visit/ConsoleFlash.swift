import PayAccess
import PayCore

/// A message that the next page shows once.
struct ConsoleFlash: Hashable, Sendable {
    enum Tone: String, Sendable {
        case done, warning, failed
    }

    let tone: Tone
    let text: String

    static func done(_ text: String) -> ConsoleFlash { ConsoleFlash(tone: .done, text: text) }
    static func warning(_ text: String) -> ConsoleFlash { ConsoleFlash(tone: .warning, text: text) }
    static func failed(_ text: String) -> ConsoleFlash { ConsoleFlash(tone: .failed, text: text) }

    private static let longest = 600
    private static let life = Duration.seconds(60)

    /// The cookie that carries the message to the next page. It is authenticated by the session, so nobody else can write a
    /// message.
    func cookie(of who: SignedIn, _ cookies: ConsoleCookies) -> ConsoleCookie {
        let message = Self.message(tone, String(text.prefix(Self.longest)))
        return cookies.set(
            CookieStem.flash, "\(Base64URL.encode(message.utf8)).\(who.token.code(for: Self.purpose + message))",
            for: Self.life)
    }

    /// Nil if this session did not write the cookie.
    init?(_ cookie: String, of who: SignedIn) {
        let parts = cookie.split(separator: ".")
        guard parts.count == 2, let bytes = Base64URL.decode(parts[0].utf8) else { return nil }
        let message = String(decoding: bytes, as: UTF8.self)
        guard who.token.isCode(String(parts[1]), for: Self.purpose + message), let end = message.firstIndex(of: ":"),
            let tone = Tone(rawValue: String(message[..<end]))
        else { return nil }
        self.init(tone: tone, text: String(message[message.index(after: end)...]))
    }

    private init(tone: Tone, text: String) {
        self.tone = tone
        self.text = text
    }

    private static let purpose = "flash:"

    private static func message(_ tone: Tone, _ text: String) -> String { "\(tone.rawValue):\(text)" }
}
