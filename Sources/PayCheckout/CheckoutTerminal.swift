import PayCore

/// Derives the terminal from the browser. The query's `terminal` overrides it.
enum CheckoutTerminal {
    static func of(userAgent: String?) -> Terminal {
        let browser = (userAgent ?? "").prefix(longestUserAgent)
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

    private static func isDesktop(_ browser: Substring) -> Bool {
        browser.contains("WindowsWechat") || browser.contains("MacWechat")
    }
}

extension Terminal {
    /// Whether the page is shown inside WeChat.
    var isInWeChat: Bool { self == .jsapi || self == .mini }
}
