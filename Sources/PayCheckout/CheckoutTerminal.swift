import PayCore

/// Tells the terminal by the browser. It can be told otherwise: `?terminal=`.
enum CheckoutTerminal {
    static func of(userAgent: String?) -> Terminal {
        let browser = (userAgent ?? "").prefix(longestUserAgent)
        // WeChat's desktop program says MicroMessenger too, but a phone's page is of no use there.
        if browser.contains("MicroMessenger") {
            return isDesktop(browser) ? .pc : .jsapi
        }
        let signs = ["AlipayClient", "Mobi", "Android", "iPhone", "iPad"]
        return signs.contains { browser.contains($0) } ? .h5 : .pc
    }

    /// Of those in use, the longest have some 400 characters.
    private static let longestUserAgent = 1_024

    private static func isDesktop(_ browser: Substring) -> Bool {
        browser.contains("WindowsWechat") || browser.contains("MacWechat")
    }
}
