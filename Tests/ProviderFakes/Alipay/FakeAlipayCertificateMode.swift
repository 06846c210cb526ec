import Foundation
import Synchronization
import X509

/// A fault of the next downloads of a certificate.
public enum FakeCertificateFault: Hashable, Sendable, CaseIterable {
    /// No such certificate.
    case refused
    /// The first certificate, whatever was asked for.
    case otherNumber
    /// Issued by a stranger who has the issuer's name.
    case strangeIssuer
    /// The validity is over, or did not begin.
    case expired, early
    /// The validity of the issuer is over.
    case expiredIssuer
    /// Signed with SHA-1.
    case signedBySHA1
    /// Issued by a merchant with the key of its own certificate.
    case issuedByMerchant
    /// The certificate of a merchant.
    case ofMerchant
    /// Without the issuer's certificate. The issuer is known from Alipay's configured certificate.
    case withoutIssuer
    case notBase64, noCertificate
}

/// Certificate mode: the names in requests, the signer, and the download of its certificate.
extension FakeAlipay {
    /// From now on, Alipay signs with its next certificate.
    public func changeCertificate() { state.withLock { $0.signer = 1 } }

    public func arm(_ fault: FakeCertificateFault?) { state.withLock { $0.certificateFault = fault } }

    /// The number of downloads of a certificate.
    public var downloads: Int { state.withLock(\.downloads) }

    /// The number of the certificate that Alipay signs with.
    public var certificateNumber: String? {
        guard let certificates else { return nil }
        let (signer, fault) = state.withLock { ($0.signer, $0.certificateFault) }
        return signer == 0 ? certificates.alipay[0].number : certificates.next(fault).number
    }

    /// The number stands before or after the signature, in turn.
    var namesCertificateFirst: Bool { server.requests.count.isMultiple(of: 2) }

    func sign(_ text: String) throws -> String {
        state.withLock(\.signer) == 0 ? try keys.signAsAlipay(text) : try keys.signAsNextAlipay(text)
    }

    /// The sub-code of a request in the wrong mode, or with other certificates.
    func certificateMistake(in parameters: [String: String]) -> String? {
        let names = (parameters["app_cert_sn"], parameters["alipay_root_cert_sn"])
        guard let certificates else {
            return names.0 == nil && names.1 == nil ? nil : "isv.invalid-signature"
        }
        if names.0 == nil { return "isv.missing-app-cert-sn" }
        if names.1 == nil { return "isv.missing-alipay-root-cert-sn" }
        if names.0 != certificates.application.number { return "isv.app-cert-not-exist" }
        return names.1 == certificates.rootNumber ? nil : "isv.invalid-alipay-root-cert-sn"
    }

    /// The answer to a download.
    func certificate(_ content: [String: String]) -> Fields {
        let fault = state.withLock { state in
            state.downloads += 1
            return state.certificateFault
        }
        guard let certificates, Set(content.keys) == ["alipay_cert_sn"], let number = content["alipay_cert_sn"] else {
            return Self.refusal("isv.invalid-parameter")
        }
        switch fault {
        case .refused: return Self.refusal("isv.alipay-cert-not-exist")
        case .otherNumber: return Self.download(certificates.alipayFile)
        case .notBase64: return Self.success([("alipay_cert_content", "-----BEGIN CERTIFICATE-----")])
        case .noCertificate: return Self.download("nothing")
        default: break
        }
        let next = certificates.next(fault)
        guard number == next.number else { return Self.refusal("isv.alipay-cert-not-exist") }
        switch fault {
        case .withoutIssuer: return Self.download(next.pem)
        case .issuedByMerchant:
            return Self.download(next.pem + certificates.application.pem + certificates.merchants.pem)
        case .ofMerchant: return Self.download(next.pem + certificates.merchants.pem)
        case .expiredIssuer: return Self.download(next.pem + certificates.expiredIssuer.pem)
        default: return Self.download(next.pem + certificates.alipays.pem)
        }
    }

    private static func download(_ file: String) -> Fields {
        success([("alipay_cert_content", Data(file.utf8).base64EncodedString())])
    }
}

extension FakeAlipayCertificates {
    /// Alipay's next certificate, or a wrong one in its place.
    func next(_ fault: FakeCertificateFault?) -> FakeAlipayCertificate {
        var request = FakeAlipayCertificateRequest(
            subject: FakeAlipayName(commonName: "Alipay"), issuer: .authority("Class 2 R1"), serial: 5_001)
        let key = alipay[1].key
        switch fault {
        case .strangeIssuer: return request.issued(to: key, by: key)
        case .expired:
            // Until the end of 2025.
            request.notAfter = 1_767_225_599
            return request.issued(to: key, by: alipays.key)
        case .early:
            // From the beginning of 2030.
            request.notBefore = 1_893_456_000
            return request.issued(to: key, by: alipays.key)
        case .expiredIssuer:
            request = FakeAlipayCertificateRequest(
                subject: request.subject, issuer: .authority("Class 3 R1"), serial: 5_004)
            return request.issued(to: key, by: alipays.key)
        case .signedBySHA1:
            request.algorithm = .sha1WithRSAEncryption
            return request.issued(to: key, by: alipays.key)
        case .issuedByMerchant:
            request = FakeAlipayCertificateRequest(
                subject: request.subject, issuer: FakeAlipayName(commonName: "Shop-2088000000000001"), serial: 5_002)
            return request.issued(to: key, by: application.key)
        case .ofMerchant:
            request = FakeAlipayCertificateRequest(
                subject: request.subject, issuer: .authority("Class 1 R1"), serial: 5_003)
            return request.issued(to: key, by: merchants.key)
        case .refused, .otherNumber, .withoutIssuer, .notBase64, .noCertificate, nil:
            return alipay[1]
        }
    }

    /// An issuer of Alipay's certificates until the end of 2025.
    var expiredIssuer: FakeAlipayCertificate {
        FakeAlipayCertificateRequest(
            subject: .authority("Class 3 R1"), issuer: .authority("R1"), serial: 2_003, isAuthority: true,
            notAfter: 1_767_225_599
        ).issued(to: alipays.key, by: roots[0].key)
    }
}
