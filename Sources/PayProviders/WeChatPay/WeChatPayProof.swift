import PayCore
import PayFlow

/// The result of checking the configured keys against WeChat Pay's answers.
public struct WeChatPayProof: Hashable, Sendable {
    public enum Signature: Hashable, Sendable {
        case fits
        case doesNotFit
        /// The answer names a key that is not configured or cached.
        case unknownSerial(String)
        /// WeChat sent no signed answer.
        case unproven
    }

    /// Whether the APIv3 key decrypts WeChat's content.
    public enum Seal: Hashable, Sendable {
        case opens
        case doesNotOpen
        /// WeChat sent no encrypted content.
        case unproven
    }

    public let signature: Signature
    public let seal: Seal
}

/// Gets signed answers from WeChat without changing anything. A query of a missing order does not help: its answer is
/// unsigned.
struct WeChatPayProver: Sendable {
    let configuration: WeChatPayConfiguration
    let signer: WeChatPaySigner
    let trust: WeChatPayTrust
    let transport: GuardedTransport
    let clock: any PayClock

    /// Fetches the platform certificates, which are signed and encrypted. A merchant in public-key mode may have none.
    /// Then a trade that cannot exist is closed, which WeChat answers with a signed 204.
    func proof(closing number: TradeNumber) async -> WeChatPayProof {
        await trust.certificates?.refresh()
        let certificates = await done(.certificates)
        var signature = certificates.map(self.signature) ?? .unproven
        if signature == .unproven, let closed = await done(.close(number, configuration)) {
            signature = self.signature(of: closed)
        }
        return WeChatPayProof(signature: signature, seal: certificates.map(seal) ?? .unproven)
    }

    /// The answer to a call if it is a 2xx: WeChat signs no other.
    private func done(_ call: WeChatPayCall) async -> ProviderReply? {
        let request = call.request(to: configuration, signedBy: signer, at: clock.now())
        guard let reply = try? await transport.send(request), (200...299).contains(reply.status) else { return nil }
        return reply
    }

    private func signature(of reply: ProviderReply) -> WeChatPayProof.Signature {
        let signature = WeChatPaySignature(reply)
        switch trust.verdict(on: signature, of: reply.body, at: clock.now()) {
        case .signed: return .fits
        case .unknownSerial: return .unknownSerial(signature?.serial ?? "")
        case .notSigned, .tooOld: return .doesNotFit
        }
    }

    private func seal(of reply: ProviderReply) -> WeChatPayProof.Seal {
        guard let list = WeChatPayWire.decode(WeChatPayWire.CertificateList.self, from: reply.body),
            let sealed = list.data.first
        else { return .unproven }
        return sealed.encryptCertificate.open(withOneOf: configuration.apiV3Keys) == nil ? .doesNotOpen : .opens
    }
}
