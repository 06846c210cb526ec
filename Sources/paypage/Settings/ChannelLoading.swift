import PayCore
import PayProviders

/// The channels that move real money. Each is configured completely or not at all. Its keys are read even if some are
/// missing, so that all mistakes are reported at once.
extension SettingsReader {
    mutating func alipay() -> Settings.Alipay? {
        let isWanted = isConfigured([.alipayAppID, .alipayPrivateKeyFile, .alipayPublicKeyFile], group: "alipay.")
        let appID = value(.alipayAppID, SettingRules.word)
        let privateKey = value(.alipayPrivateKeyFile, SettingRules.privateKeyFile)
        let publicKey = value(.alipayPublicKeyFile, SettingRules.publicKeyFile)
        let gatewayURL = value(.alipayGatewayURL, SettingRules.alipayGateway)
        let sellerID = value(.alipaySellerID, SettingRules.word)
        let pcMethod = value(.alipayPCMethod, SettingRules.choice(_:) as Rule<AlipayConfiguration.PCMethod>)
        if let privateKey, let publicKey, privateKey.key.verifyingKey == publicKey.key {
            let problem = "is the application's own public key; Alipay's public key is required"
            let remedy = "copy Alipay's public key from its console, which shows both keys"
            refuse(.alipayPublicKeyFile, Complaint(problem, remedy: remedy))
        }
        guard isWanted, let appID, let privateKey, let publicKey, let gatewayURL, let pcMethod else { return nil }
        return Settings.Alipay(
            appID: appID, privateKey: privateKey, publicKey: publicKey, gatewayURL: gatewayURL, sellerID: sellerID,
            pcMethod: pcMethod)
    }

    /// `publicURL` is the base of the address for WeChat Pay's notices, which must be https.
    mutating func weChatPay(_ publicURL: Settings.PublicURL?) -> Settings.WeChatPay? {
        let isWanted = isConfigured(
            [.wechatMchID, .wechatAppID, .wechatSerialNo, .wechatPrivateKeyFile, .wechatAPIV3Key], group: "wechat.")
        let merchantID = value(.wechatMchID, SettingRules.word)
        let appID = value(.wechatAppID, SettingRules.word)
        let serialNumber = value(.wechatSerialNo, SettingRules.serialNumber)
        let privateKey = value(.wechatPrivateKeyFile, SettingRules.privateKeyFile)
        let apiV3Key = value(.wechatAPIV3Key, SettingRules.apiV3Key)
        let baseURL = value(.wechatBaseURL, BaseURL.parse)
        let publicKey = weChatPublicKey(privateKey?.key)
        let fetches = value(.wechatPlatformCertificates, SettingRules.truth)
        if isWanted { requireWeChatTrust(fetches: fetches) }
        if isWanted, let baseURL, let publicURL { requireHTTPS(publicURL, for: baseURL) }
        guard isWanted, let merchantID, let appID, let serialNumber, let privateKey, let apiV3Key, let baseURL,
            let fetches
        else { return nil }
        return Settings.WeChatPay(
            merchantID: merchantID, appID: appID, serialNumber: serialNumber, privateKey: privateKey,
            apiV3Key: apiV3Key, publicKey: publicKey, fetchesCertificates: fetches, baseURL: baseURL)
    }

    mutating func stripe() -> StripeConfiguration? {
        let isWanted = isConfigured([.stripeSecretKey, .stripeWebhookSecret], group: "stripe.")
        let secretKey = value(.stripeSecretKey, SettingRules.stripeKey)
        let webhookSecret = value(.stripeWebhookSecret, SettingRules.stripeWebhookSecret)
        let baseURL = value(.stripeBaseURL, BaseURL.parse)
        guard isWanted, let secretKey, let webhookSecret, let baseURL else { return nil }
        return StripeConfiguration(secretKey: secretKey, webhookSecret: webhookSecret, baseURL: baseURL)
    }

    /// Whether any setting of a channel that moves real money is set.
    var hasRealChannel: Bool {
        SettingKey.allCases.contains { key in
            ["alipay.", "wechat.", "stripe."].contains(where: key.name.hasPrefix) && isSet(key)
        }
    }

    /// The channels that move real money and have any setting.
    func realChannels() -> [Channel] {
        [Channel.alipay, .weChatPay, .stripe].filter { channel in
            SettingKey.allCases.contains { $0.name.hasPrefix("\(channel).") && isSet($0) }
        }
    }

    /// Whether any setting of a channel is set. Each missing required key is then recorded as a mistake.
    mutating func isConfigured(_ required: [SettingKey], group: String) -> Bool {
        guard let first = SettingKey.allCases.first(where: { $0.name.hasPrefix(group) && isSet($0) }) else {
            return false
        }
        let whole = required.map(\.name).joined(separator: ", ")
        for key in required where !isSet(key) {
            let remedy = "set all of \(whole) to configure the channel, or none of them"
            refuse(key, Complaint("is not set, but \(first.name) is", remedy: remedy))
        }
        return true
    }

    private mutating func weChatPublicKey(_ own: RSASigningKey?) -> Settings.WeChatPay.PublicKey? {
        let id = value(.wechatPublicKeyID, SettingRules.weChatPublicKeyID)
        let file = value(.wechatPublicKeyFile, SettingRules.publicKeyFile)
        if isSet(.wechatPublicKeyID) != isSet(.wechatPublicKeyFile) {
            let (set, missing) =
                isSet(.wechatPublicKeyID)
                ? (SettingKey.wechatPublicKeyID, SettingKey.wechatPublicKeyFile)
                : (.wechatPublicKeyFile, .wechatPublicKeyID)
            let remedy = "set both to use the public key, or neither to use platform certificates"
            refuse(missing, Complaint("is not set, but \(set.name) is", remedy: remedy))
        }
        if let own, let file, own.verifyingKey == file.key {
            let problem = "is the merchant's own public key; WeChat Pay's public key is required"
            let remedy = "download WeChat Pay's public key from the merchant console, next to its ID"
            refuse(.wechatPublicKeyFile, Complaint(problem, remedy: remedy))
        }
        guard let id, let file else { return nil }
        return Settings.WeChatPay.PublicKey(id: id, file: file)
    }

    /// Without a public key and without certificates, no answer of WeChat Pay could be verified.
    private mutating func requireWeChatTrust(fetches: Bool?) {
        guard fetches == false, !isSet(.wechatPublicKeyID), !isSet(.wechatPublicKeyFile) else { return }
        let problem = "is false and no public key is set: no answer of WeChat Pay could be verified"
        let remedy = "set it to true, or set wechat.public.key.id and wechat.public.key.file"
        refuse(.wechatPlatformCertificates, Complaint(problem, remedy: remedy))
    }

    private mutating func requireHTTPS(_ publicURL: Settings.PublicURL, for baseURL: String) {
        guard !BaseURL.isLoopback(baseURL), !publicURL.isSecure else { return }
        let remedy = "set it to the https address under which WeChat Pay reaches this service"
        refuse(.publicURL, Complaint("is not https; WeChat Pay sends notices only to https", remedy: remedy))
    }
}

extension SettingRules {
    /// An ID from a provider. Only the provider knows whether it is the right one: `paypage doctor` checks it.
    static func word(_ text: String) throws(Complaint) -> String {
        guard text.isASCIIAlphanumeric(or: "_-", 0...64) else {
            throw Complaint("is not an ID", remedy: "copy the ID from the provider's console: only letters and digits")
        }
        return text
    }

    /// As the console and `openssl x509 -serial` write it, in capitals.
    static func serialNumber(_ text: String) throws(Complaint) -> String {
        guard text.utf8.count <= 64, text.utf8.allSatisfy({ Hexadecimal.value($0) != nil }) else {
            let remedy = "set it to the text after = that openssl x509 -in apiclient_cert.pem -noout -serial prints"
            throw Complaint("is not a hexadecimal serial number", remedy: remedy)
        }
        return text.uppercased()
    }

    static func apiV3Key(_ text: String) throws(Complaint) -> Secret {
        guard text.utf8.count == 32 else {
            throw Complaint("is not 32 bytes long", remedy: "set it to the APIv3 key of the merchant console")
        }
        return Secret(text)
    }

    static func weChatPublicKeyID(_ text: String) throws(Complaint) -> String {
        guard text.hasPrefix("PUB_KEY_ID_"), (try? word(text)) != nil else {
            throw Complaint("is not a public key ID", remedy: "copy the ID from the merchant console: PUB_KEY_ID_…")
        }
        return text
    }

    static func alipayGateway(_ text: String) throws(Complaint) -> String {
        let url = try BaseURL.parse(text)
        guard url.hasSuffix("/gateway.do") else {
            throw Complaint("is not the full gateway address", remedy: "end it with /gateway.do")
        }
        return url
    }

    static func stripeKey(_ text: String) throws(Complaint) -> Secret {
        guard ["sk_", "rk_"].contains(where: text.hasPrefix), isLongWord(text) else {
            let remedy = "copy the secret key (sk_…) or a restricted key (rk_…) from the dashboard, not pk_…"
            throw Complaint("is not a secret key of Stripe", remedy: remedy)
        }
        return Secret(text)
    }

    static func stripeWebhookSecret(_ text: String) throws(Complaint) -> Secret {
        guard text.hasPrefix("whsec_"), isLongWord(text) else {
            let remedy = "copy the whole signing secret of the endpoint from the dashboard: whsec_…"
            throw Complaint("is not a signing secret of Stripe", remedy: remedy)
        }
        return Secret(text)
    }

    /// Text that a header can carry: visible ASCII.
    private static func isLongWord(_ text: String) -> Bool {
        text.isVisibleASCII(0...255)
    }
}
