import CryptoExtras
import Foundation
public import PayCore
import SwiftASN1
import X509

/// An X.509 certificate of certificate mode, with Alipay's number for it.
public struct AlipayCertificate: Sendable {
    private let certificate: Certificate
    let key: RSAVerifyingKey
    /// Alipay's `SN`: 32 hexadecimal digits in small letters.
    public let number: String
    /// Whether it may issue certificates (RFC 5280, section 4.2.1.9).
    let isAuthority: Bool

    init(_ der: [UInt8]) throws(AlipayCertificateMistake) {
        guard let number = AlipayCertificateNumber(der), let certificate = try? Certificate(derEncoded: der) else {
            throw .damaged
        }
        guard let key = _RSA.Signing.PublicKey(certificate.publicKey) else { throw .isNotRSA }
        guard key.keySizeInBits >= 2_048 else { throw .tooShort }
        self.certificate = certificate
        self.key = RSAVerifyingKey(key: key)
        self.number = number.text
        isAuthority =
            if case .isCertificateAuthority? = try? certificate.extensions.basicConstraints { true } else { false }
    }

    /// The last moment of its validity.
    public var endsAt: Instant { Instant(clampingSeconds: Int64(certificate.notValidAfter.timeIntervalSince1970)) }

    public func isValid(at now: Instant) -> Bool {
        let date = Date(timeIntervalSince1970: Double(now.milliseconds) / 1_000)
        return certificate.notValidBefore <= date && date <= certificate.notValidAfter
    }

    /// Whether it certifies the public part of that key.
    public func certifies(_ key: RSASigningKey) -> Bool { self.key == key.verifyingKey }

    var isSelfIssued: Bool { certificate.issuer == certificate.subject }

    func hasIssuer(of other: AlipayCertificate) -> Bool { certificate.issuer == other.certificate.issuer }

    /// Whether `issuer` signed it. Signatures with SHA-1 are not accepted.
    func isIssued(by issuer: AlipayCertificate) -> Bool {
        let algorithms: [Certificate.SignatureAlgorithm] = [
            .sha256WithRSAEncryption, .sha384WithRSAEncryption, .sha512WithRSAEncryption,
        ]
        return issuer.certificate.subject == certificate.issuer && algorithms.contains(certificate.signatureAlgorithm)
            && issuer.certificate.publicKey.isValidSignature(certificate.signature, for: certificate)
    }
}

/// Why a text is not the file of certificates that is required. Contains no part of the text.
public enum AlipayCertificateMistake: Error, Hashable, Sendable, CaseIterable {
    /// A file without a certificate.
    case empty
    /// A key; a certificate is required.
    case isKey
    case damaged
    /// The key in the certificate is not an RSA key.
    case isNotRSA
    /// The key in the certificate has less than 2048 bits.
    case tooShort
    /// Certificates of authorities only, as in the root file.
    case isRoots
    /// A certificate that no root file contains, such as the application's.
    case isNotRoots
    /// A root file without an RSA certificate: no chain could end there.
    case hasNoRSARoot
}
