import PayCore
import PayProviders

extension SettingsReader {
    /// The sandbox, if it is enabled. Its keys are read in any case, so that all mistakes are reported at once.
    mutating func sandbox() -> Settings.Sandbox? {
        let enabled = value(.sandboxEnabled, standard: dev ? "true" : nil, SettingRules.truth)
        let channels = sandboxChannels()
        let place = sandboxPlace(enabled: enabled == true)
        let pageTTL = value(.sandboxPageTTL, SettingRules.duration(upTo: SettingRules.longestOrder))
        let pcKind = value(.sandboxPCKind, SettingRules.choice(_:) as Rule<SandboxConfiguration.PCKind>)
        let tradeScope = value(.sandboxTradeScope, SettingRules.choice(_:) as Rule<SandboxConfiguration.TradeScope>)
        let secret = sandboxSecret(enabled: enabled == true)
        if enabled == false, !dev, !hasRealChannel {
            let remedy = "set the keys of alipay, wechat or stripe, or start the sandbox with --dev"
            refuse(.sandboxEnabled, Complaint("is false, and no other channel is configured", remedy: remedy))
        }
        guard enabled == true, let channels, let place, let pageTTL, let pcKind, let tradeScope, let secret else {
            return nil
        }
        return Settings.Sandbox(
            channels: channels, place: place, pageTTL: pageTTL, pcKind: pcKind, tradeScope: tradeScope, secret: secret
        )
    }

    private mutating func sandboxChannels() -> [Channel]? {
        let channels = list(.sandboxChannels, SettingRules.sandboxChannel)
        if let channels, Set(channels).count < channels.count {
            refuse(.sandboxChannels, Complaint("lists a channel twice", remedy: "list each channel once"))
        }
        return channels
    }

    private mutating func sandboxPlace(enabled: Bool) -> Settings.Sandbox.Place? {
        if isSet(.sandboxBaseURL) { return value(.sandboxBaseURL, BaseURL.parse).map { .elsewhere($0) } }
        if dev { return .mounted }
        if enabled {
            let problem = "is not set; the service has its own sandbox only with --dev"
            refuse(.sandboxBaseURL, Complaint(problem, remedy: "set it to the URL of `paypage sandbox`, or use --dev"))
        }
        return nil
    }

    private mutating func sandboxSecret(enabled: Bool) -> Secret? {
        if enabled, !dev, !isSet(.sandboxSecret) {
            let remedy = "set it to the secret of the sandbox at sandbox.base.url, or use --dev"
            refuse(.sandboxSecret, Complaint("is not set", remedy: remedy))
        }
        return secret(.sandboxSecret, atLeast: 1, made: dev && enabled)
    }
}
