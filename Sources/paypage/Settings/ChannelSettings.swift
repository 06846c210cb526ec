import PayCore
import PayProviders

extension Settings {
    /// The shop's application at Alipay.
    struct Alipay: Sendable {
        let appID: String
        let privateKey: KeyFile<RSASigningKey>
        /// Alipay's public key, not the application's.
        let publicKey: KeyFile<RSAVerifyingKey>
        /// The full address, with `/gateway.do`.
        let gatewayURL: String
        let sellerID: String?
        let pcMethod: AlipayConfiguration.PCMethod

        var configuration: AlipayConfiguration {
            AlipayConfiguration(
                appID: appID, signingKey: privateKey.key, keys: .publicKey(publicKey.key), gatewayURL: gatewayURL,
                sellerID: sellerID, pcMethod: pcMethod)
        }
    }

    /// The shop's account at WeChat Pay.
    struct WeChatPay: Sendable {
        /// WeChat Pay's public key, with the ID that its signatures name.
        struct PublicKey: Sendable {
            let id: String
            let file: KeyFile<RSAVerifyingKey>
        }

        let merchantID: String
        let appID: String
        let serialNumber: String
        let privateKey: KeyFile<RSASigningKey>
        let apiV3Key: Secret
        /// Nil if only platform certificates are used.
        let publicKey: PublicKey?
        let fetchesCertificates: Bool
        /// Without a slash at the end.
        let baseURL: String

        func configuration(notifyURL: @escaping @Sendable () -> String) -> WeChatPayConfiguration {
            WeChatPayConfiguration(
                merchantID: merchantID, appIDs: WeChatPayAppIDs(appID), serialNumber: serialNumber, signingKey: privateKey.key,
                apiV3Key: apiV3Key, publicKey: publicKey.map { .init(id: $0.id, key: $0.file.key) },
                fetchesCertificates: fetchesCertificates, baseURL: baseURL, notifyURL: notifyURL)
        }
    }
}
