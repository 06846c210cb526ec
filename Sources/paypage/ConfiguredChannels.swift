import PayCore
import PayFlow
import PayProviders

/// The configured channels, each with its own circuit breaker.
struct ConfiguredChannels: Sendable {
    let sandboxes: [SandboxProvider]
    let alipay: AlipayProvider?
    let weChatPay: WeChatPayProvider?
    let stripe: StripeProvider?

    init(
        _ settings: Settings, publicURL: @escaping @Sendable () -> String, guards: ChannelGuards,
        downloads: FileDownloader, clock: SystemClock
    ) {
        sandboxes = (settings.sandbox?.channels ?? []).compactMap { channel in
            settings.sandbox.map { sandbox in
                SandboxProvider(
                    sandbox.configuration(of: channel, publicURL: publicURL), transport: guards.guarded(channel),
                    clock: clock, downloads: downloads)
            }
        }
        alipay = settings.alipay.map {
            AlipayProvider(
                $0.configuration, transport: guards.guarded(.alipay), clock: clock, downloads: downloads)
        }
        weChatPay = settings.weChatPay.map { weChatPay in
            let configuration = weChatPay.configuration { "\(publicURL())/v1/notices/\(Channel.weChatPay)" }
            let transport = guards.guarded(.weChatPay, saysBroken: WeChatPayProvider.saysBroken)
            return WeChatPayProvider(configuration, transport: transport, clock: clock, downloads: downloads)
        }
        stripe = settings.stripe.map {
            StripeProvider($0, transport: guards.guarded(.stripe), clock: clock, downloads: downloads)
        }
    }

    var providers: [any PaymentProvider] {
        let real: [(any PaymentProvider)?] = [alipay, weChatPay, stripe]
        return sandboxes + real.compactMap { $0 }
    }
}

extension Channel {
    static let alipay = Channel("alipay")!
    static let weChatPay = Channel("wechat")!
    static let stripe = Channel("stripe")!
}

extension Settings.Sandbox {
    func configuration(
        of channel: Channel, publicURL: @escaping @Sendable () -> String
    ) -> SandboxConfiguration {
        SandboxConfiguration(
            channel: channel, baseURL: baseURL(mountedUnder: publicURL()), secret: secret, pageTTL: pageTTL,
            pcKind: pcKind, tradeScope: tradeScope)
    }

    /// Without a slash at the end.
    private func baseURL(mountedUnder publicURL: String) -> String {
        switch place {
        case .mounted: "\(publicURL)/sandbox"
        case .elsewhere(let url): url
        }
    }
}
