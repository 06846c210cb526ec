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
            ClockJob("certificates", every: Self.lookEvery) { _ in
                guard needsCertificates else { return CertificateReport(known: nil) }
                await refreshCertificates()
                return CertificateReport(known: certificates.serials.count)
            }
        }
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
