import Crypto
import CryptoExtras
import Foundation

/// The keys of both sides, generated once per process because that is slow.
public struct FakeAlipayKeys: Sendable {
    public static let shared = FakeAlipayKeys()
    /// The keys of a second account.
    public static let second = FakeAlipayKeys()

    let application: _RSA.Signing.PrivateKey
    let alipay: _RSA.Signing.PrivateKey
    /// The key of Alipay's next certificate.
    let alipayNext: _RSA.Signing.PrivateKey
    private let somebody: _RSA.Signing.PrivateKey

    private init() {
        application = Self.make()
        alipay = Self.make()
        alipayNext = Self.make()
        somebody = Self.make()
    }

    static func make() -> _RSA.Signing.PrivateKey {
        do {
            return try _RSA.Signing.PrivateKey(keySize: .bits2048)
        } catch {
            preconditionFailure("no key can be made: \(error)")
        }
    }

    /// The merchant's private key: PKCS#1 in PEM.
    public var applicationPrivateKey: String { application.pemRepresentation }

    /// Alipay's public key in its console's format: SubjectPublicKeyInfo as bare base64.
    public var alipayPublicKey: String { alipay.publicKey.derRepresentation.base64EncodedString() }

    func isSignedByApplication(_ text: String, _ signature: String) -> Bool {
        guard let bytes = Data(base64Encoded: signature) else { return false }
        return application.publicKey.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: bytes), for: SHA256.hash(data: Data(text.utf8)),
            padding: .insecurePKCS1v1_5)
    }

    func signAsAlipay(_ text: String) throws -> String { try Self.sign(text, by: alipay) }

    func signAsNextAlipay(_ text: String) throws -> String { try Self.sign(text, by: alipayNext) }

    func signAsSomebody(_ text: String) throws -> String { try Self.sign(text, by: somebody) }

    private static func sign(_ text: String, by key: _RSA.Signing.PrivateKey) throws -> String {
        let digest = SHA256.hash(data: Data(text.utf8))
        return try key.signature(for: digest, padding: .insecurePKCS1v1_5).rawRepresentation.base64EncodedString()
    }
}
