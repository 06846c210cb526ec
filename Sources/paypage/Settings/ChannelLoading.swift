import PayCore
import PayProviders

/// The accounts that move real money, each read within ``SettingsReader/reading(_:_:)``. An account is configured
/// completely. Its keys are read even if some are missing, so that all mistakes are reported at once.
extension SettingsReader {
    mutating func alipay() -> Settings.Alipay? {
        let isInCertificateMode = Self.alipayCertificateKeys.contains(where: isSet)
        let trustKeys = isInCertificateMode ? Self.alipayCertificateKeys : [.alipayPublicKeyFile]
        require([.alipayAppID, .alipayPrivateKeyFile] + trustKeys)
        let appID = value(.alipayAppID, SettingRules.word)
        let privateKey = value(.alipayPrivateKeyFile, SettingRules.privateKeyFile)
        let trust = isInCertificateMode ? alipayCertificates(privateKey?.key) : alipayPublicKey(privateKey?.key)
        let gatewayURL = value(.alipayGatewayURL, SettingRules.alipayGateway)
        let sellerID = value(.alipaySellerID, SettingRules.word)
        let pcMethod = value(.alipayPCMethod, SettingRules.choice(_:) as Rule<AlipayConfiguration.PCMethod>)
        guard let appID, let privateKey, let trust, let gatewayURL, let pcMethod else { return nil }
        return Settings.Alipay(
            appID: appID, privateKey: privateKey, trust: trust, gatewayURL: gatewayURL, sellerID: sellerID,
            pcMethod: pcMethod)
    }

    private mutating func alipayPublicKey(_ own: RSASigningKey?) -> Settings.Alipay.Trust? {
        guard let files = list(.alipayPublicKeyFile, SettingRules.publicKeyFile) else { return nil }
        if let own, files.contains(where: { $0.key == own.verifyingKey }) {
            let problem = "is the application's own public key; Alipay's public key is required"
            let remedy = "copy Alipay's public key from its console, which shows both keys"
            refuse(.alipayPublicKeyFile, Complaint(problem, remedy: remedy))
        }
        return .publicKeys(files)
    }

    /// `publicURL` is the base of the address for WeChat Pay's notices, which must be https.
    mutating func weChatPay(_ publicURL: Settings.PublicURL?) -> Settings.WeChatPay? {
        require([.wechatMchID, .wechatAppID, .wechatSerialNo, .wechatPrivateKeyFile, .wechatAPIV3Key])
        let merchantID = value(.wechatMchID, SettingRules.word)
        let appIDs = weChatAppIDs()
        let oauth = weChatOAuth()
        let serialNumber = value(.wechatSerialNo, SettingRules.serialNumber)
        let privateKey = value(.wechatPrivateKeyFile, SettingRules.privateKeyFile)
        let apiV3Keys = list(.wechatAPIV3Key, SettingRules.apiV3Key)
        let baseURL = value(.wechatBaseURL, BaseURL.parse)
        let publicKeys = weChatPublicKeys(privateKey?.key)
        let fetches = value(.wechatPlatformCertificates, SettingRules.truth)
        requireWeChatTrust(fetches: fetches)
        if let baseURL, let publicURL { requireHTTPS(publicURL, for: baseURL) }
        guard let merchantID, let appIDs, let serialNumber, let privateKey, let apiV3Keys, let publicKeys, let baseURL,
            let fetches
        else { return nil }
        return Settings.WeChatPay(
            merchantID: merchantID, appIDs: appIDs, serialNumber: serialNumber, privateKey: privateKey,
            apiV3Keys: apiV3Keys, publicKeys: publicKeys, fetchesCertificates: fetches, baseURL: baseURL, oauth: oauth)
    }

    mutating func stripe() -> StripeConfiguration? {
        require([.stripeSecretKey, .stripeWebhookSecret])
        let secretKey = value(.stripeSecretKey, SettingRules.stripeKey)
        let webhookSecrets = list(.stripeWebhookSecret, SettingRules.stripeWebhookSecret)
        let baseURL = value(.stripeBaseURL, BaseURL.parse)
        guard let secretKey, let webhookSecrets, let baseURL else { return nil }
        return StripeConfiguration(secretKey: secretKey, webhookSecrets: webhookSecrets, baseURL: baseURL)
    }

    private mutating func weChatAppIDs() -> WeChatPayAppIDs? {
        let standard = value(.wechatAppID, SettingRules.word)
        let app = value(.wechatAppIDApp, SettingRules.word)
        let jsapi = value(.wechatAppIDJSAPI, SettingRules.word)
        let mini = value(.wechatAppIDMini, SettingRules.word)
        return standard.map { WeChatPayAppIDs($0, app: app, jsapi: jsapi, mini: mini) }
    }

    /// Nil without the secret. Its addresses are checked in any case.
    private mutating func weChatOAuth() -> WeChatPayConfiguration.OAuth? {
        let secret = value(.wechatOAuthSecret, SettingRules.weChatAppSecret)
        let baseURL = value(.wechatOAuthBaseURL, BaseURL.parse)
        let authorizeURL = value(.wechatOAuthAuthorizeURL, BaseURL.parse)
        guard let secret, let baseURL, let authorizeURL else { return nil }
        return WeChatPayConfiguration.OAuth(secret: secret, baseURL: baseURL, authorizeURL: authorizeURL)
    }

    /// WeChat Pay's public keys: each ID with the file at the same place of the list. Nil after a mistake.
    private mutating func weChatPublicKeys(_ own: RSASigningKey?) -> [Settings.WeChatPay.PublicKey]? {
        let ids = list(.wechatPublicKeyID, SettingRules.weChatPublicKeyID)
        let files = list(.wechatPublicKeyFile, SettingRules.publicKeyFile)
        if isSet(.wechatPublicKeyID) != isSet(.wechatPublicKeyFile) {
            let (set, missing) =
                isSet(.wechatPublicKeyID)
                ? (SettingKey.wechatPublicKeyID, SettingKey.wechatPublicKeyFile)
                : (.wechatPublicKeyFile, .wechatPublicKeyID)
            let remedy = "set both to use the public key, or neither to use platform certificates"
            refuse(missing, Complaint("is not set, but \(name(of: set)) is", remedy: remedy))
        }
        if let own, let files, files.contains(where: { $0.key == own.verifyingKey }) {
            let problem = "is the merchant's own public key; WeChat Pay's public key is required"
            let remedy = "download WeChat Pay's public key from the merchant console, next to its ID"
            refuse(.wechatPublicKeyFile, Complaint(problem, remedy: remedy))
        }
        if !isSet(.wechatPublicKeyID) || !isSet(.wechatPublicKeyFile) { return [] }
        guard let ids, let files else { return nil }
        guard ids.count == files.count else {
            let remedy = "write one file for each ID, in the same order"
            let idsName = name(of: .wechatPublicKeyID)
            let problem = "has \(files.count) in its list, but \(idsName) has \(ids.count)"
            refuse(.wechatPublicKeyFile, Complaint(problem, remedy: remedy))
            return nil
        }
        return zip(ids, files).map { Settings.WeChatPay.PublicKey(id: $0, file: $1) }
    }

    /// Without a public key and without certificates, no answer of WeChat Pay could be verified.
    private mutating func requireWeChatTrust(fetches: Bool?) {
        guard fetches == false, !isSet(.wechatPublicKeyID), !isSet(.wechatPublicKeyFile) else { return }
        let problem = "is false and no public key is set: no answer of WeChat Pay could be verified"
        let remedy = "set it to true, or set \(names(of: [.wechatPublicKeyID, .wechatPublicKeyFile]))"
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

    static func weChatAppSecret(_ text: String) throws(Complaint) -> Secret {
        guard text.isASCIIAlphanumeric(or: "_-", 16...128) else {
            let remedy = "copy the AppSecret of the official account from its console: 32 letters and digits"
            throw Complaint("is not an AppSecret", remedy: remedy)
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
