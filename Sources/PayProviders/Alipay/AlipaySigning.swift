import Foundation
import PayCore

/// A parameter of a request or a field of a notice. The value is the plain text, as signed.
struct AlipayParameter: Hashable, Sendable {
    let name: String
    let value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// The text that Alipay signs: `name=value` pairs without encoding, sorted by the names' bytes and joined by `&`.
enum AlipaySignString {
    static func of(_ parameters: [AlipayParameter]) -> String {
        parameters.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }
}

/// A signed request, in each form in which it is sent.
struct AlipaySignedRequest: Sendable {
    static let bizContentName = "biz_content"

    /// All parameters except the business content. The signature is the last.
    let common: [AlipayParameter]
    let bizContent: AlipayParameter

    /// Signs every parameter sent, including `sign_type`. Empty parameters are omitted.
    init(_ parameters: [AlipayParameter], bizContent: String, key: RSASigningKey) {
        let content = AlipayParameter(Self.bizContentName, bizContent)
        let sent = parameters.filter { !$0.value.isEmpty }.sorted { $0.name < $1.name }
        let signature = key.sign(Array(AlipaySignString.of(sent + [content]).utf8))
        common = sent + [AlipayParameter("sign", Data(signature).base64EncodedString())]
        self.bizContent = content
    }

    /// The query after the gateway's URL.
    var query: String { AlipayEncoding.form(common) }

    /// The body of the request.
    var body: String { AlipayEncoding.form([bizContent]) }

    /// The order string for Alipay's app SDK.
    var orderString: String { AlipayEncoding.form([bizContent] + common) }
}

/// Signs requests for the application.
struct AlipaySigner: Sendable {
    private let appID: String
    private let key: RSASigningKey
    private let gatewayURL: String
    /// The names of the certificates; none in public key mode.
    private let certificates: [AlipayParameter]

    init(_ configuration: AlipayConfiguration) {
        appID = configuration.appID
        key = configuration.signingKey
        gatewayURL = configuration.gatewayURL
        certificates =
            switch configuration.keys {
            case .publicKeys: []
            case .certificates(let certificates):
                [
                    AlipayParameter("app_cert_sn", certificates.application.number),
                    AlipayParameter("alipay_root_cert_sn", certificates.roots.number),
                ]
            }
    }

    func sign(
        _ method: AlipayMethod, _ content: some Encodable, notifyURL: String? = nil, returnURL: String? = nil,
        at now: Instant
    ) -> AlipaySignedRequest {
        let parameters = [
            AlipayParameter("app_id", appID),
            AlipayParameter("charset", "utf-8"),
            AlipayParameter("format", "JSON"),
            AlipayParameter("method", method.rawValue),
            AlipayParameter("notify_url", notifyURL ?? ""),
            AlipayParameter("return_url", returnURL ?? ""),
            AlipayParameter("sign_type", "RSA2"),
            AlipayParameter("timestamp", AlipayTime.text(now)),
            AlipayParameter("version", "1.0"),
        ]
        return AlipaySignedRequest(parameters + certificates, bizContent: AlipayWire.encode(content), key: key)
    }

    /// A signed call to the gateway. The business content goes into the body and all other parameters into the query,
    /// because the gateway must know the charset before it reads the body.
    func call(
        _ method: AlipayMethod, _ content: some Encodable, notifyURL: String? = nil, at now: Instant
    ) -> ProviderRequest {
        let signed = sign(method, content, notifyURL: notifyURL, at: now)
        return ProviderRequest(
            method: .post, url: "\(gatewayURL)?\(signed.query)",
            headers: [Header(name: "Content-Type", value: "application/x-www-form-urlencoded;charset=utf-8")],
            body: Array(signed.body.utf8))
    }
}

/// Percent-encoding of parameters.
enum AlipayEncoding {
    static func form(_ parameters: [AlipayParameter]) -> String {
        parameters.map { "\($0.name)=\($0.value.percentEncoded)" }.joined(separator: "&")
    }
}

extension RSAVerifyingKey {
    /// Whether `signature` is a valid RSA signature with SHA-256 over the message. It must be base64 without line
    /// breaks.
    func isSigned(_ message: [UInt8], byBase64 signature: String) -> Bool {
        guard let bytes = Data(base64Encoded: signature), !bytes.isEmpty else { return false }
        return isSigned(message, by: Array(bytes))
    }
}
