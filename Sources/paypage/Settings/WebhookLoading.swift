import Foundation
import PayCore
import PayProviders

extension SettingsReader {
    /// Where the merchant is told, when it is to be told. Nil with no mistake put down when neither key is set.
    mutating func webhook() -> Settings.Webhook? {
        let url = value(.webhookURL, EndpointURL.parse)
        let signer = value(.webhookSecret, SettingRules.webhookSecret)
        if isSet(.webhookURL) != isSet(.webhookSecret) {
            let (set, missing) =
                isSet(.webhookURL)
                ? (SettingKey.webhookURL, SettingKey.webhookSecret) : (.webhookSecret, .webhookURL)
            let remedy = "set both to send messages to the shop, or neither"
            refuse(missing, Complaint("is not set, and \(set.name) is", remedy: remedy))
        }
        guard let url, let signer else { return nil }
        return Settings.Webhook(url: url, signer: signer)
    }
}

extension SettingRules {
    static func webhookSecret(_ text: String) throws(Complaint) -> WebhookSigner {
        guard let signer = WebhookSigner(secret: Secret(text)) else {
            let remedy = "write base64 behind whsec_ (echo whsec_$(openssl rand -base64 32))"
            throw Complaint("begins with whsec_, and is no base64 after it", remedy: remedy)
        }
        guard !signer.hasShortKey else {
            let problem = "has a key of \(signer.keyByteCount) bytes (after decoding base64), which can be guessed"
            let remedy = "use \(WebhookSigner.shortestStrongKey) bytes or more (echo whsec_$(openssl rand -base64 32))"
            throw Complaint(problem, remedy: remedy)
        }
        return signer
    }
}

/// The URL of one thing that is called: absolute, https but for loopback. It may have a query, and is called as it is
/// written, but for the host's spelling.
enum EndpointURL {
    static func parse(_ text: String) throws(Complaint) -> String {
        let query = text.drop { $0 != "?" }
        guard !query.contains("#"), URLComponents(string: text, encodingInvalidCharacters: false) != nil else {
            throw Complaint("is not a URL without a fragment", remedy: "write it as https://HOST/PATH")
        }
        let address = text.dropLast(query.count)
        let slashes = address.reversed().prefix { $0 == "/" }
        return try BaseURL.parse(String(address)) + String(slashes) + query
    }
}
