import PayCore
import PayFlow
import PayProviders

extension WeChatPayProvider {
    /// How often the job checks whether certificates must be fetched. Without certificates every answer is unknown, and
    /// a buyer may be waiting. The provider itself decides when to fetch, and keeps its own pauses.
    private static let lookEvery = Duration.seconds(10)

    /// Fetches platform certificates at start and before they are old; nil if none are used.
    var certificateJob: ClockJob? {
        certificates.map { certificates in
            ClockJob("certificates.\(channel)", every: Self.lookEvery) { _ in
                guard needsCertificates else { return CertificateReport(known: nil) }
                await refreshCertificates()
                return CertificateReport(known: certificates.serials.count)
            }
        }
    }
}

extension WeChatPayProvider {
    /// The notice period before the end of a certificate.
    private static let certificateEndsSoonIn = Duration.seconds(14 * 86_400)

    /// The end of the platform certificate that is valid for longest; nil if none is used or known.
    func certificateEnd(at now: Instant) -> CertificateEnd? {
        certificates?.last(at: now).map { CertificateEnd(channel: channel, name: $0.serial, endsAt: $0.endsAt) }
    }

    /// Set if even the certificate that is valid for longest ends soon: WeChat has published no successor, or none could
    /// be fetched.
    func certificateCondition(at now: Instant) -> ServiceCondition? {
        guard let last = certificates?.last(at: now), last.endsAt < now + Self.certificateEndsSoonIn else {
            return nil
        }
        return .certificateEnds(
            channel, serial: last.serial, at: last.endsAt, since: last.endsAt - Self.certificateEndsSoonIn)
    }
}

/// The result of a check for platform certificates.
struct CertificateReport: ClockReport {
    /// The number of known certificates after a fetch; nil if no fetch was due.
    let known: Int?

    var isEmpty: Bool { known == nil }
    var reachedLimit: Bool { false }
    var figures: [ClockFigure] { known.map { [ClockFigure("certificates", $0)] } ?? [] }
}
