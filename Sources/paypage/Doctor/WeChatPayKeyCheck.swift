import PayCore
import PayFlow
import PayProviders

/// Checks that WeChat Pay's answers match the configured keys. Its errors are never signed, so a query of a made-up
/// order proves nothing about the keys.
struct WeChatPayKeyCheck {
    let provider: WeChatPayProvider
    /// Whether WeChat Pay's public key is configured, and not only platform certificates.
    let hasPublicKey: Bool
    let names: ChannelKeyNames
    let clock: any PayClock

    func findings() async -> [Finding] {
        let proof = await provider.proof(closing: MadeUpTrade.number(at: clock.now()))
        // Without the right APIv3 key there are no platform certificates: then the key is the mistake, not the
        // signature.
        guard proof.seal != .doesNotOpen || hasPublicKey else { return [seal(proof.seal)] }
        return [signature(proof.signature), seal(proof.seal)]
    }

    private func signature(_ signature: WeChatPayProof.Signature) -> Finding {
        let subject = "\(provider.channel) signature"
        switch signature {
        case .fits: return .ok(subject, "of an answer matches the configured key")
        case .doesNotFit:
            return .failure(
                subject, "of an answer does not match the key with the ID that the answer names",
                remedy:
                    "download WeChat Pay's public key again; \(names.name(of: .wechatPublicKeyFile)) must be the key "
                    + "with the ID \(names.name(of: .wechatPublicKeyID))")
        case .unknownSerial(let serial):
            return .failure(
                subject, "of an answer is made with key \(serial), which is not configured",
                remedy:
                    "copy \(names.name(of: .wechatPublicKeyID)) from the merchant console, or set "
                    + "\(names.name(of: .wechatPlatformCertificates)) to true"
            )
        case .unproven:
            return .warning(
                subject, "could not be checked: WeChat Pay sent no signed answer",
                remedy: "make a test payment, and search the log for the reason signature or serial")
        }
    }

    private func seal(_ seal: WeChatPayProof.Seal) -> Finding {
        let subject = "\(provider.channel) APIv3 key"
        switch seal {
        case .opens: return .ok(subject, "decrypts a platform certificate")
        case .doesNotOpen:
            return .failure(
                subject, "does not decrypt a platform certificate",
                remedy: "set a new APIv3 key in the merchant console, and the same key in "
                    + names.name(of: .wechatAPIV3Key))
        case .unproven:
            return .warning(
                subject, "could not be checked: WeChat Pay sent no platform certificate",
                remedy: "make a test payment, and search the log for notices refused with the reason decryption")
        }
    }
}
