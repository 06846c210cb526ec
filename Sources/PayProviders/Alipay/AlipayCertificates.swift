/// A file with a certificate of the application or of Alipay, and perhaps the certificates of its issuers.
public struct AlipayCertificateFile: Sendable {
    /// The certificates that were issued to the application or to Alipay. At least one.
    public let certificates: [AlipayCertificate]
    /// The certificates of authorities between them and the root.
    let issuers: [AlipayCertificate]

    /// Reads PEM blocks in any order.
    public init(text: String) throws(AlipayCertificateMistake) {
        var all: [AlipayCertificate] = []
        for der in try AlipayCertificateText.certificates(in: text) {
            guard let number = AlipayCertificateNumber(der) else { throw .damaged }
            // The root file has certificates of other algorithms, which cannot be read.
            guard number.isSignedByRSA else { continue }
            all.append(try AlipayCertificate(der))
        }
        certificates = all.filter { !$0.isAuthority }
        issuers = all.filter(\.isAuthority)
        guard !certificates.isEmpty else { throw issuers.isEmpty ? .isNotRSA : .isRoots }
    }

    /// The first certificate.
    public var first: AlipayCertificate { certificates[0] }
}

/// Alipay's root file: the authorities that a chain of certificates may end with.
public struct AlipayRootFile: Sendable {
    /// `alipay_root_cert_sn`: the numbers of the RSA certificates in the order of the file, joined by `_`.
    public let number: String
    /// The roots that can be used. The file also has roots with SM2 and ECDSA keys.
    let roots: [AlipayCertificate]

    public init(text: String) throws(AlipayCertificateMistake) {
        var numbers: [String] = []
        var roots: [AlipayCertificate] = []
        for der in try AlipayCertificateText.certificates(in: text) {
            guard let number = AlipayCertificateNumber(der) else { throw .damaged }
            guard number.isSignedByRSA else { continue }
            let root = try AlipayCertificate(der)
            guard root.isSelfIssued else { throw .isNotRoots }
            numbers.append(number.text)
            roots.append(root)
        }
        guard !roots.isEmpty else { throw .hasNoRSARoot }
        number = numbers.joined(separator: "_")
        self.roots = roots
    }
}

/// The certificates of an application in certificate mode.
public struct AlipayCertificates: Sendable {
    public let application: AlipayCertificate
    /// Alipay's certificates. Messages are verified by them as long as they are configured, like a configured key.
    public let alipay: [AlipayCertificate]
    public let roots: AlipayRootFile
    /// The known authorities between Alipay's certificates and the roots.
    let issuers: [AlipayCertificate]

    /// The first certificate of `application` must certify the application's private key.
    public init(application: AlipayCertificateFile, alipay: AlipayCertificateFile, roots: AlipayRootFile) {
        self.application = application.first
        self.alipay = alipay.certificates
        self.roots = roots
        issuers = application.issuers + alipay.issuers
    }
}

enum AlipayCertificateText {
    /// The DER bytes of each certificate in a PEM text, in order. Other text between the blocks is skipped.
    static func certificates(in text: String) throws(AlipayCertificateMistake) -> [[UInt8]] {
        let blocks = KeyBlock.all(in: text).filter { !$0.isEmpty }
        let certificates = blocks.filter { block in
            if let label = block.label { label.contains("CERTIFICATE") } else { block.structure == .certificate }
        }
        guard !certificates.isEmpty else { throw blocks.contains(where: \.isKey) ? .isKey : .empty }
        var bytes: [[UInt8]] = []
        for certificate in certificates {
            guard let der = certificate.der else { throw .damaged }
            bytes.append(der)
        }
        return bytes
    }
}

extension KeyBlock {
    fileprivate var structure: KeyStructure? { der.flatMap(KeyStructure.init) }

    fileprivate var isKey: Bool { label?.hasSuffix("KEY") == true || (structure != nil && structure != .certificate) }
}
