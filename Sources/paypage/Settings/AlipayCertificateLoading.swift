import PayCore
import PayProviders

extension SettingsReader {
    static let alipayCertificateKeys = [SettingKey.alipayAppCertFile, .alipayCertFile, .alipayRootCertFile]

    /// The certificates of certificate mode. An application in certificate mode cannot be called in public-key mode.
    mutating func alipayCertificates(_ own: RSASigningKey?) -> Settings.Alipay.Trust? {
        let root = name(of: .alipayRootCertFile)
        let application = value(.alipayAppCertFile, SettingRules.alipayCertificate(rootKey: root))
        let alipay = value(.alipayCertFile, SettingRules.alipayCertificate(rootKey: root))
        let roots = value(.alipayRootCertFile, SettingRules.alipayRoots)
        if isSet(.alipayPublicKeyFile) {
            let remedy = "remove it, or remove the certificate files to use public-key mode"
            refuse(.alipayPublicKeyFile, Complaint("is set beside certificate files, which replace it", remedy: remedy))
        }
        if let own, let application { requireOwn(application.file, own) }
        if let own, let alipay, alipay.file.certificates.contains(where: { $0.certifies(own) }) {
            let remedy = "set it to alipayCertPublicKey_RSA2.crt from the same page of Alipay's console"
            refuse(.alipayCertFile, Complaint("is the application's certificate; Alipay's is required", remedy: remedy))
        }
        guard let application, let alipay, let roots else { return nil }
        return .certificates(
            .init(
                certificates: AlipayCertificates(application: application.file, alipay: alipay.file, roots: roots),
                applicationPath: application.path, alipayPath: alipay.path))
    }

    private mutating func requireOwn(_ file: AlipayCertificateFile, _ own: RSASigningKey) {
        guard !file.first.certifies(own) else { return }
        let key = name(of: .alipayPrivateKeyFile)
        let remedy = "set both to the pair that the request for the certificate was made with"
        refuse(.alipayAppCertFile, Complaint("is not the certificate of the key in \(key)", remedy: remedy))
    }
}

extension SettingRules {
    /// - Parameter rootKey: the key that a root file belongs to, as the operator writes it.
    static func alipayCertificate(rootKey: String) -> Rule<(file: AlipayCertificateFile, path: String)> {
        { path throws(Complaint) in
            let text = try keyText(path)
            do throws(AlipayCertificateMistake) {
                return (try AlipayCertificateFile(text: text), path)
            } catch {
                throw error.complaint(rootKey: rootKey)
            }
        }
    }

    static func alipayRoots(_ path: String) throws(Complaint) -> AlipayRootFile {
        let text = try keyText(path)
        do throws(AlipayCertificateMistake) {
            return try AlipayRootFile(text: text)
        } catch {
            throw error.complaint(rootKey: nil)
        }
    }
}

extension AlipayCertificateMistake {
    private static let console = "copy the file again from the application's page in Alipay's console"

    fileprivate func complaint(rootKey: String?) -> Complaint {
        switch self {
        case .empty: Complaint("is a file without a certificate", remedy: Self.console)
        case .isKey: Complaint("is a key; a certificate is required", remedy: Self.console)
        case .damaged: Complaint("is a certificate that is truncated or changed", remedy: Self.console)
        case .isNotRSA: Complaint("is a certificate without an RSA key", remedy: Self.console)
        case .tooShort: Complaint("is a certificate with a key of less than 2048 bits", remedy: Self.console)
        case .isRoots:
            Complaint(
                "is a file of root certificates",
                remedy: "set it to a certificate of its own, and \(rootKey ?? "the root key") to the root file")
        case .isNotRoots: Complaint("is not Alipay's root file", remedy: "set it to alipayRootCert.crt")
        case .hasNoRSARoot: Complaint("is a root file without an RSA certificate", remedy: Self.console)
        }
    }
}
