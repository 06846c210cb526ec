import Foundation
import SwiftASN1

/// One key, certificate or other object in the text of a key file.
struct KeyBlock {
    /// The label of the PEM header, such as `RSA PRIVATE KEY`. Nil for bare base64.
    let label: String?
    let isEncrypted: Bool
    /// Nil when the text between the PEM lines is not base64.
    let der: [UInt8]?
    let isEmpty: Bool

    private static let begin = "-----BEGIN "
    private static let end = "-----END "

    /// The PEM blocks of a text (RFC 7468) in order, or the whole text as bare base64 if it has no block.
    ///
    /// Accepts common damage by editors, consoles and environment files: a byte order mark, CRLF, a single line,
    /// literal `\n`, lines of any length, and text around the blocks, such as the bag attributes of `openssl pkcs12`.
    static func all(in text: String) -> [KeyBlock] {
        let text = text.replacing("\u{FEFF}", with: "").replacing("\\r", with: "").replacing("\\n", with: "\n")
        let parts = text.split(separator: begin, omittingEmptySubsequences: false).dropFirst()
        guard !parts.isEmpty else {
            let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }
            return [KeyBlock(label: nil, content: lines.joined(separator: "\n"))]
        }
        return parts.map { part in
            let label = part.prefix { $0 != "-" && !$0.isNewline }
            let content = part.dropFirst(label.count).drop { $0 == "-" }
            return KeyBlock(label: String(label), content: String(content.firstPart(before: end)))
        }
    }

    private init(label: String?, content: String) {
        self.label = label
        // PKCS#8 says so in the label, OpenSSL's older format in a header inside the block.
        isEncrypted = label?.contains("ENCRYPTED") == true || (label != nil && content.contains("ENCRYPTED"))
        let base64 = content.filter { !$0.isWhitespace }
        isEmpty = base64.isEmpty
        der = isEmpty ? nil : Data(base64Encoded: base64).map(Array.init)
    }
}

extension Substring {
    fileprivate func firstPart(before mark: String) -> Substring {
        firstRange(of: mark).map { self[..<$0.lowerBound] } ?? self
    }
}

/// The structure of a DER key, as far as needed to tell the kinds of key files apart.
enum KeyStructure: Hashable {
    /// RFC 8017.
    case pkcs1Private, pkcs1Public
    /// RFC 5958, with the algorithm's identifier.
    case pkcs8(ASN1ObjectIdentifier)
    case encryptedPKCS8
    /// RFC 5280, with the algorithm's identifier.
    case subjectPublicKeyInfo(ASN1ObjectIdentifier)
    /// An EC private key by SEC 1 (RFC 5915).
    case sec1
    case certificate

    /// Nil for any other structure.
    init?(_ der: [UInt8]) {
        guard let root = try? DER.parse(der), root.identifier == .sequence, case .constructed(let nodes) = root.content
        else { return nil }
        let parts = Array(nodes)
        switch parts.prefix(3).map(\.identifier) {
        case [.integer, .sequence, .octetString]:
            guard let algorithm = Self.algorithm(parts[1]) else { return nil }
            self = .pkcs8(algorithm)
        case [.sequence, .bitString]:
            guard let algorithm = Self.algorithm(parts[0]) else { return nil }
            self = .subjectPublicKeyInfo(algorithm)
        case [.integer, .integer, .integer]: self = .pkcs1Private
        case [.integer, .integer]: self = .pkcs1Public
        case [.sequence, .octetString]: self = .encryptedPKCS8
        case [.sequence, .sequence, .bitString]: self = .certificate
        case let identifiers where identifiers.prefix(2) == [.integer, .octetString]: self = .sec1
        default: return nil
        }
    }

    private static func algorithm(_ node: ASN1Node) -> ASN1ObjectIdentifier? {
        guard case .constructed(let nodes) = node.content, let first = Array(nodes).first else { return nil }
        return try? ASN1ObjectIdentifier(derEncoded: first)
    }
}

extension ASN1ObjectIdentifier {
    /// RFC 8017 appendix A.1.
    static let rsaEncryption: ASN1ObjectIdentifier = [1, 2, 840, 113_549, 1, 1, 1]

    /// The name of a key algorithm other than RSA, with its article.
    var keyName: String {
        switch self {
        case [1, 2, 840, 10_045, 2, 1]: "an EC"
        case [1, 3, 101, 112]: "an Ed25519"
        case [1, 2, 840, 113_549, 1, 1, 10]: "an RSA-PSS"
        case [1, 2, 840, 10_040, 4, 1]: "a DSA"
        default: "another"
        }
    }
}
