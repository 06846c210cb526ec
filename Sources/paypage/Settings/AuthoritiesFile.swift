import Foundation
import PayProviders

extension SettingRules {
    /// The system's own file has 200 kB.
    private static let largestAuthoritiesFile = 8 << 20

    /// The path of a PEM file with at least one certificate. libcurl reads the file again when it needs it.
    static func authoritiesFile(_ path: String) throws(Complaint) -> String {
        let path = try readableFile(path)
        let remedy = "name a PEM file of certificates (-----BEGIN CERTIFICATE-----)"
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw Complaint("is a file that cannot be read", remedy: "grant the service read access")
        }
        defer { try? file.close() }
        guard let data = try? file.read(upToCount: largestAuthoritiesFile + 1) ?? Data(),
            data.count <= largestAuthoritiesFile
        else { throw Complaint("is a file that is too large", remedy: remedy) }
        guard CertificateList.count(pem: String(decoding: data, as: UTF8.self)) > 0 else {
            throw Complaint("is a file without a certificate", remedy: remedy)
        }
        return path
    }
}
