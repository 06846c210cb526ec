import PayCore
import PayFlow

/// The payment app in which the page is open.
enum CheckoutApp: Sendable {
    case wechat, alipay

    /// Nil for any other browser, and for the desktop programs of WeChat.
    init?(userAgent: String?) {
        let browser = CheckoutTerminal.readable(userAgent)
        if browser.contains("MicroMessenger"), !CheckoutTerminal.isDesktop(browser) {
            self = .wechat
        } else if browser.contains("AlipayClient") {
            self = .alipay
        } else {
            return nil
        }
    }

    /// The channels that the app can open. Neither app opens the other's page; each one's own channels come first.
    /// WeChat does not open its own `h5` page either, which is for browsers.
    func usable(_ channels: [Channel], on terminal: Terminal, in list: ChannelList) -> [Channel] {
        let (own, foreign): (ProviderKind, ProviderKind) =
            switch self {
            case .wechat: (.wechat, .alipay)
            case .alipay: (.alipay, .wechat)
            }
        let usable = channels.filter { channel in
            let kind = list[channel]?.kind
            return kind != foreign && !(self == .wechat && terminal == .h5 && kind == .wechat)
        }
        return usable.filter { list[$0]?.kind == own } + usable.filter { list[$0]?.kind != own }
    }
}

/// Derives the terminal from the browser. The query's `terminal` overrides it.
enum CheckoutTerminal {
    static func of(userAgent: String?) -> Terminal {
        let browser = readable(userAgent)
        // WeChat's desktop program also sends MicroMessenger, but a page for phones does not work there.
        if browser.contains("MicroMessenger") {
            if isDesktop(browser) { return .pc }
            // WeChat does not let a web view in a mini program pay: only the mini program itself can.
            return browser.contains("miniProgram") ? .mini : .jsapi
        }
        let signs = ["AlipayClient", "Mobi", "Android", "iPhone", "iPad"]
        return signs.contains { browser.contains($0) } ? .h5 : .pc
    }

    /// In characters. Real user agents have at most about 400.
    private static let longestUserAgent = 1_024

    fileprivate static func readable(_ userAgent: String?) -> Substring {
        (userAgent ?? "").prefix(longestUserAgent)
    }

    fileprivate static func isDesktop(_ browser: Substring) -> Bool {
        browser.contains("WindowsWechat") || browser.contains("MacWechat")
    }
}
