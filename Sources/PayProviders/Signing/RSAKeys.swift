import Crypto
import CryptoExtras
public import Foundation
public import PayCore

/// Why a text is not a key of the required kind. Contains no part of the text.
public enum RSAKeyMistake: Error, Hashable, Sendable {
    case empty
    /// A certificate; a key is required.
    case isCertificate
    /// A public key; a private key is required.
    case isPublic
    /// A private key; a public key is required.
    case isPrivate
    /// Encrypted with a passphrase.
    case isEncrypted
    /// A key of another algorithm. `name` includes the article, as in `an EC`.
    case isNotRSA(name: String)
    /// A PEM block of the right kind that is truncated or altered.
    case damaged
    case unreadable
    /// Below 2048 bits, which no provider accepts.
    case tooShort
}

/// A private RSA key of 2048 bits or more. Signs with RSASSA-PKCS1-v1_5 and SHA-256 only.
public struct RSASigningKey: Sendable {
    private let key: _RSA.Signing.PrivateKey

    /// Reads PKCS#1 or PKCS#8, as PEM or bare base64. Uses the first block that is such a key.
    public init(text: Secret) throws(RSAKeyMistake) {
        key = try RSAKeyText(text.reveal()).first(.private) { der throws(RSAKeyMistake) in
            if let key = try? _RSA.Signing.PrivateKey(derRepresentation: der) { return key }
            let isShort = (try? _RSA.Signing.PrivateKey(unsafeDERRepresentation: der)) != nil
            throw isShort ? .tooShort : .damaged
        }.key
    }

    public func sign(_ message: some DataProtocol) -> [UInt8] {
        do {
            return Array(
                try key.signature(for: SHA256.hash(data: message), padding: .insecurePKCS1v1_5).rawRepresentation)
        } catch {
            // A key of this size can sign any digest, so the only cause left is a lack of memory.
            preconditionFailure("RSA signing failed: \(error)")
        }
    }

    public var bitCount: Int { key.keySizeInBits }

    public var verifyingKey: RSAVerifyingKey { RSAVerifyingKey(key: key.publicKey) }
}

/// A public RSA key of 2048 bits or more. Verifies RSASSA-PKCS1-v1_5 with SHA-256; SHA-1 is never accepted.
public struct RSAVerifyingKey: Sendable, Equatable {
    private let key: _RSA.Signing.PublicKey

    /// Reads SubjectPublicKeyInfo or PKCS#1, as PEM or bare base64. Uses the first block that is such a key.
    public init(text: String) throws(RSAKeyMistake) {
        key = try RSAKeyText(text).first(.public) { der throws(RSAKeyMistake) in
            if let key = try? _RSA.Signing.PublicKey(derRepresentation: der) { return key }
            let isShort = (try? _RSA.Signing.PublicKey(unsafeDERRepresentation: der)) != nil
            throw isShort ? .tooShort : .damaged
        }.key
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
}

/// The text of a key file.
struct RSAKeyText {
    enum Kind {
        case `private`, `public`
    }

    private let blocks: [KeyBlock]

    init(_ text: String) {
        blocks = KeyBlock.all(in: text)
    }

    /// The first block of the kind that `make` accepts. Without one, throws the mistake that says most about the file.
    func first<Key>(
        _ kind: Kind, _ make: ([UInt8]) throws(RSAKeyMistake) -> Key
    ) throws(RSAKeyMistake) -> (key: Key, block: KeyBlock) {
        var mistakes: [RSAKeyMistake] = []
        for block in blocks {
            do throws(RSAKeyMistake) {
                return (try make(try block.rsaKey(kind)), block)
            } catch {
                mistakes.append(error)
            }
        }
        throw mistakes.max { $0.weight(kind) < $1.weight(kind) } ?? .empty
    }
}

extension KeyBlock {
    /// The DER bytes of an RSA key of the kind.
    fileprivate func rsaKey(_ kind: RSAKeyText.Kind) throws(RSAKeyMistake) -> [UInt8] {
        guard !isEmpty else { throw .empty }
        guard !isEncrypted else { throw .isEncrypted }
        guard let der, let structure = KeyStructure(der) else { throw mistakeByLabel(kind) }
        switch (structure, kind) {
        case (.pkcs8(let algorithm), .private), (.subjectPublicKeyInfo(let algorithm), .public):
            guard algorithm == .rsaEncryption else { throw .isNotRSA(name: algorithm.keyName) }
            return der
        case (.pkcs1Private, .private), (.pkcs1Public, .public): return der
        case (.sec1, .private): throw .isNotRSA(name: "an EC")
        case (.subjectPublicKeyInfo, .private), (.pkcs1Public, .private): throw .isPublic
        case (.pkcs8, .public), (.pkcs1Private, .public), (.sec1, .public): throw .isPrivate
        case (.encryptedPKCS8, _): throw .isEncrypted
        case (.certificate, _): throw .isCertificate
        }
    }

    private func mistakeByLabel(_ kind: RSAKeyText.Kind) -> RSAKeyMistake {
        guard let label else { return .unreadable }
        if label.contains("CERTIFICATE") { return .isCertificate }
        if label.hasSuffix("PRIVATE KEY") { return kind == .private ? .damaged : .isPrivate }
        if label.hasSuffix("PUBLIC KEY") { return kind == .public ? .damaged : .isPublic }
        return .unreadable
    }
}

extension RSAKeyMistake {
    /// For a file with several blocks, the mistake with the greatest weight is reported. Key blocks outweigh other
    /// blocks.
    fileprivate func weight(_ kind: RSAKeyText.Kind) -> Int {
        switch self {
        case .empty: 0
        case .unreadable: 1
        case .isPrivate: 2
        case .isCertificate: 3
        case .isPublic: 4
        case .isEncrypted: kind == .private ? 8 : 2
        case .damaged: 5
        case .isNotRSA: 6
        case .tooShort: 7
        }
    }
}
