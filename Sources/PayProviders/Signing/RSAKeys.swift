import Crypto
import CryptoExtras
public import Foundation
public import PayCore

/// Why a text is no key of the kind that is wanted: it never repeats any of the text.
public enum RSAKeyMistake: Error, Hashable, Sendable {
    case empty
    /// A certificate stands where a key is wanted.
    case isCertificate
    /// A public key stands where a private one is wanted.
    case isPublic
    /// A private key stands where a public one is wanted.
    case isPrivate
    /// Encrypted with a passphrase.
    case isEncrypted
    case unreadable
    /// Below 2048 bits, which no provider takes.
    case tooShort
}

/// A private RSA key of 2048 bits or more, that signs by RSASSA-PKCS1-v1_5 with SHA-256 and by nothing else.
public struct RSASigningKey: Sendable {
    private let key: _RSA.Signing.PrivateKey

    /// Reads PKCS#1 or PKCS#8, with PEM marks or as bare base64, however its lines are broken.
    public init(text: Secret) throws(RSAKeyMistake) {
        let der = try RSAKeyText(text.reveal()).der(of: .private)
        if let key = try? _RSA.Signing.PrivateKey(derRepresentation: der) {
            self.key = key
        } else {
            let isShort = (try? _RSA.Signing.PrivateKey(unsafeDERRepresentation: der)) != nil
            if !isShort, RSAVerifyingKey.canRead(der) { throw .isPublic }
            throw isShort ? .tooShort : .unreadable
        }
    }

    public func sign(_ message: some DataProtocol) -> [UInt8] {
        do {
            return Array(
                try key.signature(for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5).rawRepresentation)
        } catch {
            // A key of this size signs any digest: what is left is that memory has run out.
            preconditionFailure("an RSA key can't sign: \(error)")
        }
    }

    public var bitCount: Int { key.keySizeInBits }

    public var verifyingKey: RSAVerifyingKey { RSAVerifyingKey(key: key.publicKey) }
}

/// A public RSA key of 2048 bits or more. A signature is one by RSASSA-PKCS1-v1_5 with SHA-256: SHA-1 is never taken.
public struct RSAVerifyingKey: Sendable, Equatable {
    private let key: _RSA.Signing.PublicKey

    /// Reads SubjectPublicKeyInfo or PKCS#1, with PEM marks or as bare base64, however its lines are broken.
    public init(text: String) throws(RSAKeyMistake) {
        let der = try RSAKeyText(text).der(of: .public)
        if let key = try? _RSA.Signing.PublicKey(derRepresentation: der) {
            self.key = key
        } else {
            let isShort = Self.canRead(der)
            if !isShort, (try? _RSA.Signing.PrivateKey(unsafeDERRepresentation: der)) != nil { throw .isPrivate }
            throw isShort ? .tooShort : .unreadable
        }
    }

    init(key: _RSA.Signing.PublicKey) {
        self.key = key
    }

    public var bitCount: Int { key.keySizeInBits }

    public func isSigned(_ message: some DataProtocol, by signature: [UInt8]) -> Bool {
        key.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: message),
            padding: .insecurePKCS1v1_5)
    }

    public static func == (left: RSAVerifyingKey, right: RSAVerifyingKey) -> Bool {
        left.key.derRepresentation == right.key.derRepresentation
    }

    fileprivate static func canRead(_ der: [UInt8]) -> Bool {
        (try? _RSA.Signing.PublicKey(unsafeDERRepresentation: der)) != nil
    }
}

/// The text of a key file: base64, between PEM marks or without any.
struct RSAKeyText {
    enum Kind {
        case `private`, `public`
    }

    let label: String?
    private let isEncrypted: Bool
    private let base64: String

    init(_ text: String) {
        // Editors on Windows may begin a file with a byte order mark.
        let lines = text.trimmingPrefix("\u{FEFF}").split(whereSeparator: \.isNewline)
            .map { $0.trimmingCharacters(in: .whitespaces) }
        let mark = lines.first { $0.hasPrefix("-----BEGIN ") }
        label = mark.map { String($0.dropFirst("-----BEGIN ".count).prefix { $0 != "-" }) }
        // PKCS#1 says it in a header behind the mark, PKCS#8 in the mark.
        isEncrypted =
            label?.contains("ENCRYPTED") == true
            || lines.contains { $0.hasPrefix("Proc-Type:") && $0.contains("ENCRYPTED") }
        base64 = lines.filter { !$0.hasPrefix("-----") }.joined()
    }

    func der(of kind: Kind) throws(RSAKeyMistake) -> [UInt8] {
        guard !base64.isEmpty else { throw .empty }
        if let label {
            if label.contains("CERTIFICATE") { throw .isCertificate }
            if kind == .private, label.contains("PUBLIC") { throw .isPublic }
            if kind == .public, label.contains("PRIVATE") { throw .isPrivate }
            if isEncrypted { throw .isEncrypted }
        }
        guard let der = Data(base64Encoded: base64) else { throw .unreadable }
        return Array(der)
    }
}
