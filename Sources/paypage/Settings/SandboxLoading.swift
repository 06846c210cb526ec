import PayCore
import PayProviders

/// The pages that a sandbox makes.
private struct SandboxPages {
    let timeToLive: Duration
    let pcKind: SandboxConfiguration.PCKind
    let tradeScope: SandboxConfiguration.TradeScope

    func sandbox(at place: Settings.Sandbox.Place, _ secret: Secret) -> Settings.Sandbox {
        Settings.Sandbox(
            place: place, pageTTL: timeToLive, pcKind: pcKind, tradeScope: tradeScope, secret: secret)
    }
}

/// The keys `sandbox.*`, as they were read.
struct SharedSandbox {
    /// Nil if a mistake was recorded.
    let isEnabled: Bool?
    /// None if the sandbox is off.
    let channels: [Channel]
    /// Nil if the sandbox is off, or a mistake was recorded.
    let sandbox: Settings.Sandbox?
}

extension SettingsReader {
    /// The sandbox of the keys `sandbox.*`. They are read in any case, so that all mistakes are reported at once.
    mutating func sharedSandbox() -> SharedSandbox {
        let isEnabled = value(.sandboxEnabled, standard: dev ? "true" : nil, SettingRules.truth)
        let channels = sandboxChannels()
        let place = sandboxPlace(enabled: isEnabled == true)
        let pages = sandboxPages()
        let secret = sandboxSecret(enabled: isEnabled == true)
        guard isEnabled == true else { return SharedSandbox(isEnabled: isEnabled, channels: [], sandbox: nil) }
        var sandbox: Settings.Sandbox?
        if let place, let pages, let secret {
            sandbox = pages.sandbox(at: place, secret)
        }
        return SharedSandbox(isEnabled: true, channels: channels ?? [], sandbox: sandbox)
    }

    /// The sandbox of a channel: at an address of its own with a secret of its own, or at the shared ones.
    mutating func sandbox(_ shared: SharedSandbox) -> Settings.Sandbox? {
        let pages = sandboxPages()
        guard isOwn(.sandboxBaseURL) || isOwn(.sandboxSecret) else {
            if shared.isEnabled == false {
                let remedy = "set it and sandbox.secret, with sandbox.enabled = true, or set both for the channel alone"
                refuse(.sandboxBaseURL, Complaint("is not set", remedy: remedy))
            }
            guard let pages, let sandbox = shared.sandbox else { return nil }
            return pages.sandbox(at: sandbox.place, sandbox.secret)
        }
        let url = value(.sandboxBaseURL, BaseURL.parse)
        let secret = value(.sandboxSecret, SettingRules.secret(atLeast: 1))
        if !isOwn(.sandboxBaseURL) || !isOwn(.sandboxSecret) {
            let (set, missing) =
                isOwn(.sandboxBaseURL)
                ? (SettingKey.sandboxBaseURL, SettingKey.sandboxSecret) : (.sandboxSecret, .sandboxBaseURL)
            let remedy = "set both for the channel, or neither to use those of sandbox.*"
            refuse(missing, Complaint("is not set, but \(name(of: set)) is", remedy: remedy))
        }
        guard let pages, let url, let secret else { return nil }
        return pages.sandbox(at: .elsewhere(url), secret)
    }

    private mutating func sandboxPages() -> SandboxPages? {
        let pageTTL = value(.sandboxPageTTL, SettingRules.duration(upTo: SettingRules.longestOrder))
        let pcKind = value(.sandboxPCKind, SettingRules.choice(_:) as Rule<SandboxConfiguration.PCKind>)
        let tradeScope = value(.sandboxTradeScope, SettingRules.choice(_:) as Rule<SandboxConfiguration.TradeScope>)
        guard let pageTTL, let pcKind, let tradeScope else { return nil }
        return SandboxPages(timeToLive: pageTTL, pcKind: pcKind, tradeScope: tradeScope)
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
