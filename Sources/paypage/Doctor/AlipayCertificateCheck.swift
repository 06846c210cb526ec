import PayCore
import PayProviders

/// Checks how long the certificates of Alipay's certificate mode are valid.
struct AlipayCertificateCheck {
    let channel: Channel
    let files: Settings.Alipay.Certificates

    func findings(at now: Instant) -> [Finding] {
        let all =
            [(files.certificates.application, files.applicationPath)]
            + files.certificates.alipay.map { ($0, files.alipayPath) }
        return all.map { certificate, path in finding(certificate, path, at: now) }
    }

    private func finding(_ certificate: AlipayCertificate, _ path: String, at now: Instant) -> Finding {
        let subject = "\(channel) certificate"
        let end = CivilTime(certificate.endsAt).text { $0.writeTimestamp(to: &$1) }
        let remedy = "download the next certificate from Alipay's console, and restart the service"
        if certificate.endsAt < now { return .failure(subject, "\(path) ended on \(end)", remedy: remedy) }
        guard certificate.isValid(at: now) else {
            return .failure(subject, "\(path) is not yet valid", remedy: "check the clock")
        }
        guard certificate.endsAt >= now + AlipayProvider.certificateEndsSoonIn else {
            return .warning(subject, "\(path) ends on \(end)", remedy: remedy)
        }
        return .ok(subject, "\(path) is valid until \(end)")
    }
}
