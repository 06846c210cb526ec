import SwiftASN1
import X509

/// The certificates of a PEM file.
public enum CertificateList {
    /// How many certificates can be read. Text around the blocks is allowed, and blocks of other kinds are left out.
    public static func count(pem: String) -> Int {
        guard let documents = try? PEMDocument.parseMultiple(pemString: pem) else { return 0 }
        return documents.count { (try? Certificate(pemDocument: $0)) != nil }
    }
}
