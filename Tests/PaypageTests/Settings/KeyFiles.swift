import CryptoExtras
import Foundation

/// Key files for tests. The keys are created once, because that is slow; the files are deleted with the test.
struct KeyFiles {
    static let ours = makeKey()
    static let theirs = makeKey()
    static let third = makeKey()

    let folder: URL

    private static func makeKey() -> _RSA.Signing.PrivateKey {
        do { return try _RSA.Signing.PrivateKey(keySize: .bits2048) } catch { preconditionFailure("\(error)") }
    }

    func write(_ text: String, _ name: String = UUID().uuidString) throws -> String {
        let file = folder.appending(path: name)
        try Data(text.utf8).write(to: file)
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file.path)
        return file.path
    }

    func ourPrivateKey() throws -> String { try write(Self.ours.pkcs8PEMRepresentation, "our-key.pem") }

    func theirPublicKey() throws -> String { try write(Self.theirs.publicKey.pemRepresentation, "their-key.pem") }

    /// A complete Alipay configuration, as variables.
    func alipay(_ changes: [String: String] = [:]) throws -> [String: String] {
        let whole = [
            "PAYPAGE_ALIPAY_APP_ID": "2021000000000001", "PAYPAGE_ALIPAY_PRIVATE_KEY_FILE": try ourPrivateKey(),
            "PAYPAGE_ALIPAY_PUBLIC_KEY_FILE": try theirPublicKey(),
        ]
        return whole.merging(changes) { $1 }.filter { !$0.value.isEmpty }
    }

    /// A complete WeChat Pay configuration, with the public key.
    func weChatPay(_ changes: [String: String] = [:]) throws -> [String: String] {
        let whole = [
            "PAYPAGE_WECHAT_MCH_ID": "1900000001", "PAYPAGE_WECHAT_APP_ID": "wx0123456789abcdef",
            "PAYPAGE_WECHAT_SERIAL_NO": "5dea10ef55877e3cf6c33255c2e7deffF7E427EC",
            "PAYPAGE_WECHAT_PRIVATE_KEY_FILE": try ourPrivateKey(),
            "PAYPAGE_WECHAT_API_V3_KEY": "hush-hush-hush-hush-hush-hush-32",
            "PAYPAGE_WECHAT_PUBLIC_KEY_ID": "PUB_KEY_ID_0119000000012026112200001",
            "PAYPAGE_WECHAT_PUBLIC_KEY_FILE": try theirPublicKey(), "PAYPAGE_PUBLIC_URL": "https://pay.example.com",
        ]
        return whole.merging(changes) { $1 }.filter { !$0.value.isEmpty }
    }

    static let stripe = [
        "PAYPAGE_STRIPE_SECRET_KEY": "sk_test_hush0123456789", "PAYPAGE_STRIPE_WEBHOOK_SECRET": "whsec_hush0123456789",
    ]

    /// Settings without the sandbox.
    static let basics = [
        "PAYPAGE_API_KEYS": SettingsFixture.apiKey, "PAYPAGE_TOKEN_SECRET": SettingsFixture.tokenSecret,
        "PAYPAGE_PUBLIC_URL": "https://pay.example.com",
    ]
}

/// A folder of key files for one test.
func withKeyFiles<Value>(_ body: (KeyFiles) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "paypage-keys-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(KeyFiles(folder: folder))
}
