import PayAccess
import PayCore
import PayFlow
import PayProviders

/// Every check of `paypage doctor`, in the order of its output: the local checks, each provider, the shop.
struct Checkup: Sendable {
    let settings: Settings
    /// Retries nothing, and follows no redirects.
    let transport: any ProviderTransport
    let clock: any PayClock

    func findings() async -> [Finding] {
        let channels = settings.channelsToCheck(publicURL: publicURL)
        var findings = await agreement(with: channels)
        findings += DatabaseCheck(address: settings.database.address, durability: settings.database.durability)
            .findings()
        if case .fixed(let publicURL) = settings.publicURL {
            findings.append(await PublicURLCheck(publicURL: publicURL, transport: transport).finding())
        }
        for channel in channels { findings += await self.findings(of: channel) }
        for endpoint in settings.webhooks {
            let subject = endpoint.name == .standard ? "webhook" : "webhook \(endpoint.name)"
            findings += await reach(subject, endpoint.url)
        }
        return findings
    }

    private var publicURL: String { settings.publicURL.text(listeningOn: settings.http.port) }

    /// The conflicts that would stop `serve`, beyond the mistakes in the settings themselves.
    private func agreement(with channels: [CheckedChannel]) async -> [Finding] {
        let providers = channels.map { $0.provider(GuardedTransport(transport, clock: clock), clock) }
        let rules = PayRules(
            deadlines: settings.deadlines, switchPolicy: settings.switchPolicy,
            providerTimeout: settings.provider.timeout)
        let mistakes = ChannelChecks(settings: settings, rules: rules).mistakes(with: Providers(providers))
        do {
            let users = try await settings.checkedUserTokens(mistakes)
            return [.ok("settings", "are valid")]
                + users.skippedKeys.map { key in
                    .warning(
                        "user tokens", "a key in user.jwks.file cannot be used: \(key)",
                        remedy: "remove the key from the file, or replace it if tokens are signed with it")
                }
        } catch let error as SettingsMistakes {
            return error.all.map(Finding.init)
        } catch {
            return [Finding(grade: .failure, subject: "settings", text: "\(error)")]
        }
    }

    private func findings(of channel: CheckedChannel) async -> [Finding] {
        var findings = channel.keyFindings + (channel.certificates?.findings(at: clock.now()) ?? [])
        if let address = channel.noticeAddress { findings.append(address) }
        let reach = await reach(channel.name, channel.url)
        findings += reach
        // An unreachable address says nothing about the account, so one line is enough.
        guard !reach.contains(where: { $0.subject.hasSuffix("reach") && $0.grade == .failure }) else { return findings }
        let lastAnswer = LastAnswer(transport)
        let provider = channel.provider(GuardedTransport(lastAnswer, clock: clock), clock)
        let account = await AccountCheck(
            provider: provider, lastAnswer: lastAnswer, hints: channel.hints, clock: clock
        ).finding()
        findings.append(account)
        // A refused call proves nothing about the keys for answers.
        if account.grade != .failure || lastAnswer.isSuccess, let provider = provider as? WeChatPayProvider {
            findings += await WeChatPayKeyCheck(
                provider: provider, hasPublicKey: channel.hasPublicKey, names: channel.names, clock: clock
            ).findings()
            findings += await WeChatPayAppCheck(provider: provider, names: channel.names).findings()
        }
        return findings
    }

    private func reach(_ subject: String, _ url: String) async -> [Finding] {
        await ReachCheck(subject: subject, url: url, transport: transport, clock: clock).findings()
    }
}

/// A channel to be checked.
struct CheckedChannel: Sendable {
    let names: ChannelKeyNames
    /// The address of the provider.
    let url: String
    let keyFindings: [Finding]
    /// Nil without Alipay's certificate mode.
    var certificates: AlipayCertificateCheck?
    /// Nil for a provider that needs no public address.
    let noticeAddress: Finding?
    let hints: AccountHints
    /// Whether WeChat Pay's public key is configured.
    let hasPublicKey: Bool
    let provider: @Sendable (GuardedTransport, any PayClock) -> any PaymentProvider

    var name: String { names.channel.name }
}

extension Settings {
    /// The configured channels, without a sandbox that is part of the service: it is only there when the service runs.
    fileprivate func channelsToCheck(publicURL: String) -> [CheckedChannel] {
        accounts.compactMap { $0.check(publicURL: publicURL) }
    }
}

extension Settings.Account {
    fileprivate func check(publicURL: String) -> CheckedChannel? {
        let keys = KeyChecks(channel: channel.name)
        switch provider {
        case .alipay(let alipay):
            return CheckedChannel(
                names: names, url: alipay.gatewayURL, keyFindings: keys.findings(alipay),
                certificates: alipay.trust.certificates.map { AlipayCertificateCheck(channel: channel, files: $0) },
                noticeAddress: notices(alipay.gatewayURL, publicURL),
                hints: .alipay(names, byCertificates: alipay.trust.certificates != nil), hasPublicKey: false
            ) { [channel] in AlipayProvider(alipay.configuration, channel: channel, transport: $0, clock: $1) }
        case .weChatPay(let weChatPay):
            let configuration = weChatPay.configuration { [channel] in noticeURL(of: channel, under: publicURL) }
            return CheckedChannel(
                names: names, url: weChatPay.baseURL, keyFindings: keys.findings(weChatPay),
                noticeAddress: notices(weChatPay.baseURL, publicURL), hints: .weChatPay(names),
                hasPublicKey: !weChatPay.publicKeys.isEmpty
            ) { [channel] in WeChatPayProvider(configuration, channel: channel, transport: $0, clock: $1) }
        case .stripe(let stripe):
            return CheckedChannel(
                names: names, url: stripe.baseURL, keyFindings: keys.findings(stripe),
                noticeAddress: notices(stripe.baseURL, publicURL), hints: .stripe(names, isLive: stripe.isLive),
                hasPublicKey: false
            ) { [channel] in StripeProvider(stripe, channel: channel, transport: $0, clock: $1) }
        case .sandbox(let sandbox):
            guard case .elsewhere(let url) = sandbox.place else { return nil }
            let configuration = sandbox.configuration(of: channel, publicURL: { publicURL })
            return CheckedChannel(
                names: names, url: url, keyFindings: [], noticeAddress: nil, hints: .sandbox(names), hasPublicKey: false
            ) { SandboxProvider(configuration, transport: $0, clock: $1) }
        }
    }

    private func notices(_ providerURL: String, _ publicURL: String) -> Finding {
        NoticeAddressCheck(
            channel: channel, providerURL: providerURL, publicURL: publicURL, isNamedByHand: kind == .stripe
        ).finding()
    }
}
