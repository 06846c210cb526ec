import PayCore
import PayFlow
import PayProviders

extension SettingsReader {
    /// The configured channels in the order in which buyers see them. An account with a mistake is left out.
    mutating func accounts(_ sandbox: SharedSandbox, _ publicURL: Settings.PublicURL?) -> [Settings.Account] {
        let mistakesBefore = mistakes.count
        let declared = declaredChannels(sandboxes: sandbox.channels)
        if declared.isEmpty, sandbox.isEnabled == false, !dev, mistakes.count == mistakesBefore {
            let remedy = "set the keys of alipay, wechat or stripe, or start the sandbox with --dev"
            refuse(.sandboxEnabled, Complaint("is false, and no other channel is configured", remedy: remedy))
        }
        let accounts = declared.compactMap { channel in
            reading(channel) { reader in reader.account(channel, sandbox, publicURL) }
        }
        refuseUnknownChannels(declared.map(\.channel))
        refuseSharedAccounts(accounts)
        return ordered(accounts, declared.map(\.channel))
    }

    private mutating func account(
        _ declared: DeclaredChannel, _ sandbox: SharedSandbox, _ publicURL: Settings.PublicURL?
    ) -> Settings.Account? {
        let provider: Settings.Account.Provider? =
            switch declared.kind {
            case .alipay: alipay().map { .alipay($0) }
            case .wechat: weChatPay(publicURL).map { .weChatPay($0) }
            case .stripe: stripe().map { .stripe($0) }
            case .sandbox: self.sandbox(sandbox).map { .sandbox($0) }
            }
        let channel = declared.channel
        let title = title(of: channel)
        let mark = value(.markFile, of: channel, SettingRules.imageFile(upTo: SettingRules.largestMark))
        let accepts = value(.accept, of: channel, SettingRules.truth) ?? true
        return provider.map {
            Settings.Account(provider: $0, title: title, mark: mark, accepts: accepts, names: declared.names)
        }
    }

    mutating func title(of channel: Channel) -> ChannelTitle {
        ChannelTitle(
            english: value(.titleEnglish, of: channel, SettingRules.channelTitle),
            chinese: value(.titleChinese, of: channel, SettingRules.channelTitle))
    }

    /// Keys such as `channels.NAME.accept` of a channel without a provider.
    private mutating func refuseUnknownChannels(_ known: [Channel]) {
        for (channel, words) in sources.channels.sorted(by: { $0.key < $1.key }) where !known.contains(channel) {
            // A channel with other keys was already told to name its provider.
            guard words.keys.allSatisfy({ ChannelKey(rawValue: $0) != nil }), words["provider"] == nil else { continue }
            for key in words.keys.sorted().compactMap(ChannelKey.init) {
                refuse(key, of: channel, notConfigured(channel, known))
            }
        }
    }

    private func notConfigured(_ channel: Channel, _ known: [Channel]) -> Complaint {
        let names = known.map(\.name).sorted()
        let near = SettingName.nearest(to: channel.name, of: names)
        let remedy =
            near.map { "did you mean \($0)?" }
            ?? "name one of \(names.joined(separator: ", ")), or remove the key"
        return Complaint("is not a configured channel", remedy: remedy)
    }

    /// A notice or a bill of an account belongs to exactly one channel.
    private mutating func refuseSharedAccounts(_ accounts: [Settings.Account]) {
        var first: [AccountIdentity: Channel] = [:]
        for account in accounts {
            guard let identity = account.identity else { continue }
            guard let other = first[identity] else {
                first[identity] = account.channel
                continue
            }
            let remedy = "give each channel an account of its own, or remove one of the channels"
            refuse(
                SettingMistake(
                    subject: .key(account.names.name(of: identity.key)),
                    complaint: Complaint("is the account of channel \(other) too", remedy: remedy)))
        }
    }

    /// The channels of `channels.order` first, then the others in the standard order.
    private mutating func ordered(_ accounts: [Settings.Account], _ known: [Channel]) -> [Settings.Account] {
        let names = known.map(\.name).sorted()
        let order = list(.channelsOrder) { text throws(Complaint) in
            if let channel = known.first(where: { $0.name == text }) { return channel }
            let near = SettingName.nearest(to: text, of: names).map { "did you mean \($0)?" }
            let remedy = near ?? "list only names of configured channels: \(names.joined(separator: ", "))"
            throw Complaint("is not a configured channel", remedy: remedy)
        }
        guard let order else { return accounts }
        if Set(order).count < order.count {
            refuse(.channelsOrder, Complaint("lists a channel twice", remedy: "list each channel once"))
        }
        let listed = order.compactMap { channel in accounts.first { $0.channel == channel } }
        return listed + accounts.filter { !order.contains($0.channel) }
    }
}

/// Identifies an account at a provider. Two channels with equal identities would share notices and bills.
private struct AccountIdentity: Hashable {
    /// The key that tells the account.
    let key: SettingKey
    let account: String
    let address: String
}

extension Settings.Account {
    /// Nil for the sandbox, whose channels are apart by their names.
    fileprivate var identity: AccountIdentity? {
        switch provider {
        case .alipay(let alipay):
            AccountIdentity(key: .alipayAppID, account: alipay.appID, address: alipay.gatewayURL)
        case .weChatPay(let weChatPay):
            AccountIdentity(key: .wechatMchID, account: weChatPay.merchantID, address: weChatPay.baseURL)
        case .stripe(let stripe):
            AccountIdentity(key: .stripeSecretKey, account: stripe.secretKey.reveal(), address: stripe.baseURL)
        case .sandbox: nil
        }
    }
}

extension SettingRules {
    /// A title stands on a button beside a mark, on a phone too.
    private static let longestTitle = 32

    static func channelTitle(_ text: String) throws(Complaint) -> String {
        guard text.isOneLine, text.count <= longestTitle else {
            let remedy = "set it to one line of at most \(longestTitle) characters"
            throw Complaint("cannot be shown as a title", remedy: remedy)
        }
        return text
    }
}
