import Crypto
import CryptoExtras
import Foundation
import PayCore
import SwiftASN1
import X509

/// The keys of the fake: the merchant's, WeChat Pay's public key, and its platform certificates. Generated once per
/// process because that is slow.
enum FakeWeChatPayKeys {
    static let merchant = makeKey()
    static let publicKey = makeKey()
    static let certificates = [
        FakeWeChatPayCertificate(serial: "5DEA10EF55877E3CF6C33255C2E7DEFFF7E427EC"),
        FakeWeChatPayCertificate(serial: "3775B6A45ACD588826D15E583A95F5DD0F4B2C1A"),
    ]

    static func makeKey() -> _RSA.Signing.PrivateKey {
        do {
            return try _RSA.Signing.PrivateKey(keySize: .bits2048)
        } catch {
            preconditionFailure("no key can be made: \(error)")
        }
    }
}

/// A platform certificate and its private key. Valid from 2020 to 2040.
struct FakeWeChatPayCertificate: Sendable {
    let serial: String
    let key: _RSA.Signing.PrivateKey
    let pem: String
    let notBefore = Date(timeIntervalSince1970: 1_577_836_800)
    let notAfter = Date(timeIntervalSince1970: 2_208_988_800)

    init(serial: String) {
        self.serial = serial
        key = FakeWeChatPayKeys.makeKey()
        do {
            let name = try DistinguishedName {
                CommonName("Tenpay.com sign")
                OrganizationName("Tenpay.com")
                CountryName("CN")
            }
            let certificate = try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(bytes: Self.bytes(of: serial)),
                publicKey: Certificate.PublicKey(key.publicKey), notValidBefore: notBefore, notValidAfter: notAfter,
                issuer: name, subject: name, signatureAlgorithm: .sha256WithRSAEncryption,
                extensions: Certificate.Extensions(), issuerPrivateKey: Certificate.PrivateKey(key))
            pem = try certificate.serializeAsPEM().pemString
        } catch {
            preconditionFailure("no certificate can be made: \(error)")
        }
    }

    private static func bytes(of serial: String) -> [UInt8] {
        let digits = serial.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
    }
}

/// The key that signs a message of the fake.
public enum FakeWeChatPaySigner: Hashable, Sendable {
    case publicKey
    /// The platform certificate in use.
    case certificate
}

/// The fake's encryption, signatures and verification: SHA-256 with RSA by PKCS#1 v1.5, and AES-256-GCM.
enum FakeWeChatPaySeal {
    static func sign(_ text: [UInt8], with key: _RSA.Signing.PrivateKey) -> String {
        do {
            let signature = try key.signature(for: SHA256.hash(data: text), padding: .insecurePKCS1v1_5)
            return signature.rawRepresentation.base64EncodedString()
        } catch {
            preconditionFailure("nothing can be signed: \(error)")
        }
    }

    static func isSigned(_ text: [UInt8], _ signature: String, by key: _RSA.Signing.PublicKey) -> Bool {
        guard let bytes = Data(base64Encoded: signature) else { return false }
        return key.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: bytes), for: SHA256.hash(data: text),
            padding: .insecurePKCS1v1_5)
    }

    static func seal(_ text: [UInt8], associatedData: String, key: String) -> FakeWeChatPayWire.Sealed {
        let nonce = randomText(12)
        do {
            let box = try AES.GCM.seal(
                text, using: SymmetricKey(data: Array(key.utf8)), nonce: AES.GCM.Nonce(data: Array(nonce.utf8)),
                authenticating: Array(associatedData.utf8))
            return FakeWeChatPayWire.Sealed(
                algorithm: "AEAD_AES_256_GCM", associated_data: associatedData, nonce: nonce,
                ciphertext: (box.ciphertext + box.tag).base64EncodedString(), original_type: nil)
        } catch {
            preconditionFailure("nothing can be sealed: \(error)")
        }
    }

    /// A stable pseudonym of a text.
    static func alias(_ text: String) -> String {
        SHA256.hash(data: Array(text.utf8)).prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    static func randomText(_ length: Int) -> String {
        let letters = Array("0123456789abcdefghijklmnopqrstuvwxyz")
        return String((0..<length).map { _ in letters.randomElement()! })
    }
}
