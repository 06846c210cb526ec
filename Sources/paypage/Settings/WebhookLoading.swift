import Foundation
import PayCore
import PayProviders

extension SettingsReader {
    /// The webhook to the merchant. Nil without a mistake if neither key is set.
    mutating func webhook() -> Settings.Webhook? {
        let url = value(.webhookURL, EndpointURL.parse)
        let signer = value(.webhookSecret, SettingRules.webhookSecret)
        if isSet(.webhookURL) != isSet(.webhookSecret) {
            let (set, missing) =
                isSet(.webhookURL)
                ? (SettingKey.webhookURL, SettingKey.webhookSecret) : (.webhookSecret, .webhookURL)
            let remedy = "set both to send webhooks, or neither"
            refuse(missing, Complaint("is not set, but \(set.name) is", remedy: remedy))
        }
        guard let url, let signer else { return nil }
        return Settings.Webhook(url: url, signer: signer)
    }
}

extension SettingRules {
    static func webhookSecret(_ text: String) throws(Complaint) -> WebhookSigner {
        guard let signer = WebhookSigner(secret: Secret(text)) else {
            let remedy = "write base64 after whsec_ (echo whsec_$(openssl rand -base64 32))"
            throw Complaint("begins with whsec_, but continues with invalid base64", remedy: remedy)
        }
        guard !signer.hasShortKey else {
            let problem = "is too short: \(signer.keyByteCount) bytes (base64 decoded)"
            let remedy = "use at least \(WebhookSigner.shortestStrongKey) bytes (echo whsec_$(openssl rand -base64 32))"
            throw Complaint(problem, remedy: remedy)
        }
        return signer
    }
}

/// The URL of a single endpoint: absolute, and https except on loopback. It may have a query, and is called as written,
/// except for the spelling of the host.
enum EndpointURL {
    static func parse(_ text: String) throws(Complaint) -> String {
        let query = text.drop { $0 != "?" }
        guard !query.contains("#"), query.isPercentEncoded else {
            throw Complaint("is not a URL, or has a fragment (#)", remedy: "write it as https://HOST/PATH")
        }
        let address = text.dropLast(query.count)
        let slashes = address.reversed().prefix { $0 == "/" }
        return try BaseURL.parse(String(address)) + String(slashes) + query
    }
}
