import PayCore
import PayFlow

/// What WeChat Pay's answers prove about the configured keys.
public struct WeChatPayProof: Hashable, Sendable {
    public enum Signature: Hashable, Sendable {
        case fits
        case doesNotFit
        /// It names a key that is not known here.
        case unknownSerial(String)
        /// WeChat gave no signed answer.
        case unproven
    }

    /// Whether the APIv3 key opens what WeChat sealed with it.
    public enum Seal: Hashable, Sendable {
        case opens
        case doesNotOpen
        /// WeChat gave nothing that is sealed.
        case unproven
    }

    public let signature: Signature
    public let seal: Seal
}

/// Gets answers that WeChat signs without changing anything. A query of an order that doesn't exist is no such answer.
struct WeChatPayProver: Sendable {
    let configuration: WeChatPayConfiguration
    let signer: WeChatPaySigner
    let trust: WeChatPayTrust
    let transport: GuardedTransport
    let clock: any PayClock

    /// Asks for the platform certificates, which are signed and sealed. A merchant of the public-key mode may have none:
    /// then a trade that can't exist is closed, which WeChat answers with a signed 204.
    func proof(closing number: TradeNumber) async -> WeChatPayProof {
        await trust.certificates?.refresh()
        let certificates = await done(.certificates)
        var signature = certificates.map(self.signature) ?? .unproven
        if signature == .unproven, let closed = await done(.close(number, configuration)) {
            signature = self.signature(of: closed)
        }
        return WeChatPayProof(signature: signature, seal: certificates.map(seal) ?? .unproven)
    }

    /// The answer to a call, if it is a 2xx: no other is signed.
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
        return sealed.encryptCertificate.open(with: configuration.apiV3Key) == nil ? .doesNotOpen : .opens
    }
}
