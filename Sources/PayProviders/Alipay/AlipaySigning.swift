import Foundation

/// One parameter of a request, or one field of a notice: its value is the plain text, as it is signed.
struct AlipayParameter: Hashable, Sendable {
    let name: String
    let value: String

    init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// The text that a signature of Alipay's covers: `name=value` by the names' bytes, joined by `&`, nothing encoded.
enum AlipaySignString {
    static func of(_ parameters: [AlipayParameter]) -> String {
        parameters.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
            .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }
}

/// A request with its signature, in each of the forms that it travels in.
struct AlipaySignedRequest: Sendable {
    static let bizContentName = "biz_content"

    /// Everything but the business content, the signature last.
    let common: [AlipayParameter]
    let bizContent: AlipayParameter

    /// Signs all that is sent, `sign_type` among it. What is empty is not sent.
    init(_ parameters: [AlipayParameter], bizContent: String, key: RSASigningKey) {
        let content = AlipayParameter(Self.bizContentName, bizContent)
        let sent = parameters.filter { !$0.value.isEmpty }.sorted { $0.name < $1.name }
        let signature = key.sign(Array(AlipaySignString.of(sent + [content]).utf8))
        common = sent + [AlipayParameter("sign", Data(signature).base64EncodedString())]
        self.bizContent = content
    }

    /// What goes behind the gateway's `?`.
    var query: String { AlipayEncoding.form(common) }

    /// What goes into the body.
    var body: String { AlipayEncoding.form([bizContent]) }

    /// What Alipay's app SDK takes.
    var orderString: String { AlipayEncoding.form([bizContent] + common) }
}

/// The percent-encoding of parameters.
enum AlipayEncoding {
    static func form(_ parameters: [AlipayParameter]) -> String {
        parameters.map { "\($0.name)=\(percent($0.value))" }.joined(separator: "&")
    }

    /// Everything but RFC 3986's unreserved characters is encoded: `+` as `%2B`, a space as `%20`.
    static func percent(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte.isUnreserved {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), byte.upperHexDigit(shiftedBy: 4), byte.upperHexDigit(shiftedBy: 0)]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension RSAVerifyingKey {
    /// Whether `signature`, in base64 with nothing between, is one of RSA with SHA-256 over these bytes.
    func isSigned(_ message: [UInt8], byBase64 signature: String) -> Bool {
        guard let bytes = Data(base64Encoded: signature), !bytes.isEmpty else { return false }
        return isSigned(message, by: Array(bytes))
    }
}

extension UInt8 {
    fileprivate var isUnreserved: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }

    fileprivate func upperHexDigit(shiftedBy bits: UInt8) -> UInt8 {
        let nibble = (self >> bits) & 0xF
        return nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
    }
}
