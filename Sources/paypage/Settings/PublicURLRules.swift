import PayCore
import PayProviders

extension SettingsReader {
    /// A loopback address is not reachable for a provider on another machine, nor for a buyer.
    ///
    /// With `--dev` a provider's test account may be used from a laptop: queries then find the payments. A channel that
    /// moves real money is refused even then.
    mutating func requireReachable(_ publicURL: Settings.PublicURL, _ accounts: [Settings.Account]) {
        guard publicURL.isLoopback else { return }
        let live = accounts.filter { needsReachable(publicURL, $0) }.map(\.channel.name)
        guard !live.isEmpty else { return }
        let problem =
            isSet(.publicURL)
            ? "is a loopback address; \(live.joined(separator: ", ")) and buyers cannot reach it"
            : "is not set; \(live.joined(separator: ", ")) and buyers cannot reach the loopback address that --dev uses"
        let remedy = "set it to the https address under which they reach this service"
        refuse(.publicURL, Complaint(problem, remedy: remedy))
    }

    private func needsReachable(_ publicURL: Settings.PublicURL, _ account: Settings.Account) -> Bool {
        switch account.provider {
        case .alipay(let alipay): !BaseURL.isLoopback(alipay.gatewayURL) && (!dev || alipay.movesRealMoney)
        // Without https it was already refused, because of WeChat Pay's notices.
        case .weChatPay(let weChatPay): !BaseURL.isLoopback(weChatPay.baseURL) && publicURL.isSecure
        case .stripe(let stripe): !BaseURL.isLoopback(stripe.baseURL) && (!dev || stripe.isLive)
        case .sandbox: false
        }
    }
}

extension Settings.Alipay {
    /// Alipay's sandbox has its own gateway: openapi-sandbox.dl.alipaydev.com, formerly openapi.alipaydev.com.
    fileprivate var movesRealMoney: Bool { !gatewayURL.contains("alipaydev.com/") }
}
