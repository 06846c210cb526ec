import PayCore
import PayFlow
import PayProviders
import PayServer

extension WeChatPayProvider {
    /// How often the clock looks whether certificates are to be fetched: without any, every answer is unknown, and
    /// somebody may be waiting. The provider itself says when, and keeps its own pauses.
    private static let lookEvery = Duration.seconds(10)

    /// Fetches platform certificates at start and before they are old; nil where none are fetched.
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

/// What a look for platform certificates came to.
struct CertificateReport: ClockReport {
    /// How many are believed after a fetch; nil when there was none to make.
    let known: Int?

    var isEmpty: Bool { known == nil }
    var reachedLimit: Bool { false }
    var figures: [ClockFigure] { known.map { [ClockFigure("certificates", $0)] } ?? [] }
}
