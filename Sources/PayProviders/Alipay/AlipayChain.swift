import PayCore

/// Why a fetched certificate is not believed.
enum AlipayChainFlaw: String, Error, CaseIterable {
    case otherNumber = "the certificate has another number"
    case notValid = "a certificate of the chain is not valid now"
    case notTrusted = "the chain does not end at the root file"
    case ofMerchants = "the certificate was issued by the issuer of merchants' certificates"
}

extension AlipayCertificates {
    /// The most certificates between a certificate and its root. Alipay's chains have one.
    private static let longestChain = 4

    /// The certificate of a fetched file that has the number, if its chain ends at the root file.
    ///
    /// Certificates of merchants end at the same roots as Alipay's. They have another issuer, so a certificate from the
    /// issuer of the application's certificate is not Alipay's, unless Alipay's configured certificate has this issuer.
    func believed(
        _ file: AlipayCertificateFile, named number: String, at now: Instant
    ) throws(AlipayChainFlaw) -> AlipayCertificate {
        guard let certificate = file.certificates.first(where: { $0.number == number }) else { throw .otherNumber }
        let isOfMerchants = certificate.hasIssuer(of: application)
        guard !isOfMerchants || alipay.contains(where: { $0.hasIssuer(of: application) }) else { throw .ofMerchants }
        try checkChain(of: certificate, through: file.issuers + issuers, at: now)
        return certificate
    }

    /// Each certificate must be valid at `now` and signed by the next. Validity of the root itself is not checked: it is
    /// trusted because it is configured.
    private func checkChain(
        of certificate: AlipayCertificate, through issuers: [AlipayCertificate], at now: Instant
    ) throws(AlipayChainFlaw) {
        var last = certificate
        for _ in 0..<Self.longestChain {
            guard last.isValid(at: now) else { throw .notValid }
            if roots.roots.contains(where: last.isIssued) { return }
            guard let next = issuers.first(where: { $0.isValid(at: now) && last.isIssued(by: $0) }) else {
                throw issuers.contains(where: last.isIssued) ? .notValid : .notTrusted
            }
            last = next
        }
        throw .notTrusted
    }
}
