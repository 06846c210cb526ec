import Crypto
import PayCore
import SwiftASN1

/// Alipay's number of a certificate (`SN`): the MD5 of its issuer and its serial number, in 32 hexadecimal digits.
///
/// Only these parts of the certificate are read. Alipay's root file contains keys and signatures of SM2, which no
/// library here can parse. The rule is that of Alipay's SDKs (`AntCertificationUtil`).
struct AlipayCertificateNumber: Hashable, Sendable {
    /// Alipay counts the root certificates whose signature algorithm is one of these, PKCS#1 (RFC 8017).
    private static let signaturesOfRSA: [UInt] = [1, 2, 840, 113_549, 1, 1]
    /// In bytes. RFC 5280 limits serial numbers to 20 bytes.
    private static let longestSerial = 64

    let text: String
    /// Whether the certificate's own signature is an RSA signature, with SHA-1 or better.
    let isSignedByRSA: Bool

    /// Nil if the bytes are not a certificate.
    init?(_ der: [UInt8]) {
        guard let certificate = (try? DER.parse(der))?.parts, certificate.count == 3,
            var fields = certificate[0].parts, let algorithm = certificate[1].parts?.first,
            let signature = try? ASN1ObjectIdentifier(derEncoded: algorithm)
        else { return nil }
        // The version has a tag of its own, and is left out by certificates of version 1.
        if fields.first?.identifier.tagClass == .contextSpecific { fields.removeFirst() }
        guard fields.count >= 3, let serial = Self.decimal(fields[0]), let issuer = AlipayIssuerName(fields[2])
        else { return nil }
        text = Hexadecimal.text(of: Insecure.MD5.hash(data: Array("\(issuer.text)\(serial)".utf8)))
        isSignedByRSA = signature.oidComponents.starts(with: Self.signaturesOfRSA)
    }

    /// A serial number in decimal digits. Nil if it is not a positive integer.
    private static func decimal(_ node: ASN1Node) -> String? {
        guard node.identifier == .integer, case .primitive(let bytes) = node.content,
            let first = bytes.first, first < 0x80, bytes.count <= longestSerial
        else { return nil }
        // The last digit first.
        var digits: [Int] = [0]
        for byte in bytes {
            var carry = Int(byte)
            for place in digits.indices {
                carry += digits[place] << 8
                digits[place] = carry % 10
                carry /= 10
            }
            while carry > 0 {
                digits.append(carry % 10)
                carry /= 10
            }
        }
        return digits.reversed().map(String.init).joined()
    }
}

/// The name of an issuer as Java writes it (`X500Principal.getName()`, RFC 2253): the last part first.
private struct AlipayIssuerName {
    let text: String

    /// The attribute types that RFC 2253 names. Every other type is written as its number.
    private static let keywords: [ASN1ObjectIdentifier: String] = [
        [2, 5, 4, 3]: "CN", [2, 5, 4, 6]: "C", [2, 5, 4, 7]: "L", [2, 5, 4, 8]: "ST", [2, 5, 4, 9]: "STREET",
        [2, 5, 4, 10]: "O", [2, 5, 4, 11]: "OU", [0, 9, 2342, 19_200_300, 100, 1, 1]: "UID",
        [0, 9, 2342, 19_200_300, 100, 1, 25]: "DC",
    ]
    private static let texts: [ASN1Identifier] = [
        .utf8String, .printableString, .teletexString, .ia5String, .generalString, .bmpString, .universalString,
    ]
    /// Java escapes more than RFC 2253 requires: `=` and every `#`.
    private static let escaped = ",=+<>#;\"\\"

    init?(_ node: ASN1Node) {
        guard let names = node.parts else { return nil }
        var written: [String] = []
        for name in names {
            guard let attributes = name.parts?.map(Self.attribute), !attributes.contains(nil) else { return nil }
            written.append(attributes.compactMap { $0 }.joined(separator: "+"))
        }
        text = written.reversed().joined(separator: ",")
    }

    private static func attribute(_ node: ASN1Node) -> String? {
        guard let parts = node.parts, parts.count == 2, let type = try? ASN1ObjectIdentifier(derEncoded: parts[0])
        else { return nil }
        guard let keyword = keywords[type], texts.contains(parts[1].identifier),
            case .primitive(let bytes) = parts[1].content
        else {
            return "\(type.oidComponents.map(String.init).joined(separator: "."))="
                + "#\(Hexadecimal.text(of: parts[1].encodedBytes))"
        }
        return "\(keyword)=\(escape(String(decoding: bytes, as: UTF8.self)))"
    }

    private static func escape(_ value: String) -> String {
        var text = ""
        let characters = Array(value.unicodeScalars)
        let head = characters.prefix { $0 == " " }.count
        let tail = characters.dropFirst(head).reversed().prefix { $0 == " " }.count
        for (place, character) in characters.enumerated() {
            let isAtEnd = place < head || place >= characters.count - tail
            if isAtEnd || escaped.unicodeScalars.contains(character) { text += "\\" }
            text += character == "\0" ? "\\00" : String(character)
        }
        return text
    }
}

extension ASN1Node {
    /// Nil if the node is primitive.
    fileprivate var parts: [ASN1Node]? {
        guard case .constructed(let nodes) = content else { return nil }
        return Array(nodes)
    }
}
