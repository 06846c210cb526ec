import SwiftASN1
import X509

/// The certificates of a PEM file.
public enum CertificateList {
    /// The number of readable certificates. Text around the blocks is allowed. Blocks of other kinds are skipped.
    public static func count(pem: String) -> Int {
        guard let documents = try? PEMDocument.parseMultiple(pemString: pem) else { return 0 }
        return documents.count { (try? Certificate(pemDocument: $0)) != nil }
    }
}
