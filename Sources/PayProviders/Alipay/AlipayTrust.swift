import PayCore

/// The keys that verify Alipay's messages: public keys, or certificates.
enum AlipayTrust: Sendable {
    case publicKeys([RSAVerifyingKey])
    case certificates(AlipayKnownCertificates)

    static func publicKey(_ key: RSAVerifyingKey) -> AlipayTrust { .publicKeys([key]) }

    enum Verdict: Hashable {
        case signed
        /// Without a signature, or in certificate mode without the number of the certificate.
        case unsigned
        case badSignature
        /// The message names an unknown certificate.
        case unknownCertificate
    }

    /// Nil in public key mode.
    var certificates: AlipayKnownCertificates? {
        switch self {
        case .publicKeys: nil
        case .certificates(let certificates): certificates
        }
    }

    /// Only the number selects the certificate. A reply comes over a connection to Alipay, so an unknown number is
    /// fetched at once.
    func verdict(on reply: AlipayReplyScanner.Found, at now: Instant) -> Verdict {
        guard let signature = reply.signature else { return .unsigned }
        let signers: [RSAVerifyingKey]
        switch self {
        case .publicKeys(let keys): signers = keys
        case .certificates(let certificates):
            guard let number = reply.certificateNumber else { return .unsigned }
            guard let key = certificates.key(number, at: now) else {
                certificates.noteMissing(number, in: .reply)
                return .unknownCertificate
            }
            certificates.noteUse(number)
            signers = [key]
        }
        return signers.contains { $0.isSigned(reply.node, byBase64: signature) } ? .signed : .badSignature
    }

    /// A notice may be forged, and may name any number. A notice without a number may be signed by any known certificate.
    func verdict(on notice: AlipayNoticeFields, at now: Instant) -> Verdict {
        let signers: [RSAVerifyingKey]
        switch self {
        case .publicKeys(let keys): signers = keys
        case .certificates(let certificates):
            if let number = notice.certificateNumber {
                guard let key = certificates.key(number, at: now) else {
                    certificates.noteMissing(number, in: .notice)
                    return .unknownCertificate
                }
                signers = [key]
            } else {
                signers = certificates.keys(at: now)
            }
        }
        return signers.contains(where: notice.isSigned) ? .signed : .badSignature
    }
}
