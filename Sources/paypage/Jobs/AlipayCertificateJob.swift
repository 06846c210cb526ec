import Logging
import PayCore
import PayFlow
import PayProviders

extension AlipayProvider {
    /// How often the job checks whether a certificate must be fetched. The provider itself keeps the pauses between two
    /// fetches.
    private static let lookEvery = Duration.seconds(10)

    /// Fetches a certificate of Alipay's that a notice named; nil in public key mode. Calls fetch what their answers
    /// name.
    var certificateJob: ClockJob? {
        certificates.map { certificates in
            ClockJob("certificates.\(channel)", every: Self.lookEvery) { _ in
                if certificates.isDue { await certificates.fetchMissing() }
                return NothingToReport()
            }
        }
    }
}

extension AlipayProvider {
    /// The notice period before the end of a certificate.
    static let certificateEndsSoonIn = Duration.seconds(30 * 86_400)

    /// The ends of the application's certificate, and of the one of Alipay's that is valid for longest. They have the
    /// names of their files in Alipay's console.
    var certificateEnds: [CertificateEnd] {
        namedCertificates.map { CertificateEnd(channel: channel, name: $0, endsAt: $1.endsAt) }
    }

    private var namedCertificates: [(String, AlipayCertificate)] {
        guard let certificates else { return [] }
        return [("appCertPublicKey", certificates.application), ("alipayCertPublicKey_RSA2", certificates.last)]
    }

    /// Set for the application's certificate if it ends soon, and for Alipay's if even the one that is valid for longest
    /// does.
    func certificateConditions(at now: Instant) -> [ServiceCondition] {
        namedCertificates
            .filter { $0.1.endsAt < now + Self.certificateEndsSoonIn }
            .map { name, certificate in
                .certificateEnds(
                    channel, serial: "\(name) \(certificate.number)", at: certificate.endsAt,
                    since: certificate.endsAt - Self.certificateEndsSoonIn)
            }
    }
}

extension AlipayCertificateFetch {
    func log(of channel: Channel, to logger: Logger) {
        switch self {
        case .fetched(let number, let end):
            logger.info(
                "provider certificate fetched",
                metadata: [
                    "provider.channel": "\(channel)", "certificate.number": "\(number)",
                    "certificate.end": "\(CivilTime(end).text { $0.writeTimestamp(to: &$1) })",
                ])
        case .failed(let number, let reason):
            logger.warning(
                "provider certificate fetch failed",
                metadata: [
                    "provider.channel": "\(channel)", "certificate.number": "\(number)", "reason": "\(reason)",
                ])
        }
    }
}
