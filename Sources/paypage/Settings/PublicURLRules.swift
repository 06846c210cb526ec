import PayCore
import PayProviders

extension SettingsReader {
    /// A loopback address is not reachable for a provider on another machine, nor for a buyer.
    ///
    /// With `--dev` a provider's test account may be used from a laptop: queries then find the payments. A channel that
    /// moves real money is refused even then.
    mutating func requireReachable(
        _ publicURL: Settings.PublicURL, alipay: Settings.Alipay?, weChatPay: Settings.WeChatPay?,
        stripe: StripeConfiguration?
    ) {
        guard publicURL.isLoopback else { return }
        let channels: [(channel: Channel, isLive: Bool)?] = [
            alipay.map { (.alipay, !BaseURL.isLoopback($0.gatewayURL) && (!dev || $0.movesRealMoney)) },
            // Without https it was already refused, because of WeChat Pay's notices.
            weChatPay.map { (.weChatPay, !BaseURL.isLoopback($0.baseURL) && publicURL.isSecure) },
            stripe.map { (.stripe, !BaseURL.isLoopback($0.baseURL) && (!dev || $0.isLive)) },
        ]
        let live = channels.compactMap { $0 }.filter(\.isLive).map(\.channel.name)
        guard !live.isEmpty else { return }
        let problem =
            isSet(.publicURL)
            ? "is a loopback address; \(live.joined(separator: ", ")) and buyers cannot reach it"
            : "is not set; \(live.joined(separator: ", ")) and buyers cannot reach the loopback address that --dev uses"
        let remedy = "set it to the https address under which they reach this service"
        refuse(.publicURL, Complaint(problem, remedy: remedy))
    }
}

extension Settings.Alipay {
    /// Alipay's sandbox has its own gateway: openapi-sandbox.dl.alipaydev.com, formerly openapi.alipaydev.com.
    fileprivate var movesRealMoney: Bool { !gatewayURL.contains("alipaydev.com/") }
}
