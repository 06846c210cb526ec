import Foundation
import PayProviders

/// Describes the key files. That they are keys of the right kind, from different pairs, was checked with the settings.
struct KeyChecks {
    let channel: String

    func findings(_ alipay: Settings.Alipay) -> [Finding] {
        var text = "the application's private key is \(words(alipay.privateKey)), "
        switch alipay.trust {
        case .publicKeys(let files):
            text += "Alipay's public key is \(words(files)); they are different key pairs"
        case .certificates: text += "Alipay's answers are verified by its certificates"
        }
        return [.ok("\(channel) keys", text)] + openToOthers(alipay.privateKey)
    }

    func findings(_ weChatPay: Settings.WeChatPay) -> [Finding] {
        var text = "the merchant's private key is \(words(weChatPay.privateKey)), the APIv3 key has 32 bytes"
        if !weChatPay.publicKeys.isEmpty {
            let files = weChatPay.publicKeys.map(\.file)
            text += ", WeChat Pay's public key is \(words(files)); they are different key pairs"
        }
        if weChatPay.fetchesCertificates { text += "; platform certificates are fetched" }
        return [.ok("\(channel) keys", text)] + openToOthers(weChatPay.privateKey)
    }

    func findings(_ stripe: StripeConfiguration) -> [Finding] {
        let mode = stripe.isLive ? "live" : "test"
        return [.ok("\(channel) keys", "a secret key for \(mode) mode, and a signing secret for notices")]
    }

    private func words(_ file: Settings.KeyFile<RSASigningKey>) -> String {
        "\(file.form), \(file.key.bitCount) bits"
    }

    private func words(_ files: [Settings.KeyFile<RSAVerifyingKey>]) -> String {
        files.map { "\($0.form), \($0.key.bitCount) bits" }.joined(separator: " and ")
    }

    private func openToOthers(_ file: Settings.KeyFile<RSASigningKey>) -> [Finding] {
        let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
        guard let mode = (attributes?[.posixPermissions] as? NSNumber)?.intValue, mode & 0o007 != 0 else { return [] }
        return [
            .warning(
                "\(channel) keys", "every user of this machine can read \(file.path)",
                remedy: "remove the permission (chmod o= \(file.path))")
        ]
    }
}
