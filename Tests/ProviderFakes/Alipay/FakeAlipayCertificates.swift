import Crypto
import CryptoExtras
import Foundation
import SwiftASN1
import X509

/// A certificate with the private key that it certifies.
struct FakeAlipayCertificate: Sendable {
    let key: _RSA.Signing.PrivateKey
    let certificate: Certificate
    /// Alipay's number: the MD5 of the issuer's name and the serial number.
    let number: String

    var pem: String {
        do {
            return try certificate.serializeAsPEM().pemString + "\n"
        } catch {
            preconditionFailure("no PEM can be made: \(error)")
        }
    }
}

/// The name of an authority, in the form of Alipay's own.
struct FakeAlipayName: Sendable {
    let commonName: String

    static func authority(_ name: String) -> FakeAlipayName {
        FakeAlipayName(commonName: "Ant Financial Certification Authority \(name)")
    }

    var distinguished: DistinguishedName {
        get throws {
            try DistinguishedName {
                CountryName("CN")
                OrganizationName("Ant Financial")
                OrganizationalUnitName("Certification Authority")
                CommonName(commonName)
            }
        }
    }

    /// As Java writes it.
    var text: String { "CN=\(commonName),OU=Certification Authority,O=Ant Financial,C=CN" }
}

/// The content of a certificate of the fake.
struct FakeAlipayCertificateRequest: Sendable {
    let subject: FakeAlipayName
    let issuer: FakeAlipayName
    let serial: UInt32
    var isAuthority = false
    /// In seconds since 1970: from 2024 to 2034.
    var notBefore = 1_704_067_200.0
    var notAfter = 2_019_686_400.0
    var algorithm = Certificate.SignatureAlgorithm.sha256WithRSAEncryption

    /// The number of the certificate, of its issuer's name and its serial number in decimal digits.
    var number: String {
        Insecure.MD5.hash(data: Data("\(issuer.text)\(serial)".utf8)).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    func issued(
        to key: _RSA.Signing.PrivateKey = FakeAlipayKeys.make(), by issuerKey: _RSA.Signing.PrivateKey? = nil
    ) -> FakeAlipayCertificate {
        do {
            let serialBytes = withUnsafeBytes(of: serial.bigEndian) { Array($0.drop { $0 == 0 }) }
            let certificate = try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(bytes: serialBytes),
                publicKey: Certificate.PublicKey(key.publicKey), notValidBefore: Date(timeIntervalSince1970: notBefore),
                notValidAfter: Date(timeIntervalSince1970: notAfter), issuer: issuer.distinguished,
                subject: subject.distinguished, signatureAlgorithm: algorithm,
                extensions: Certificate.Extensions {
                    if isAuthority { Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil)) }
                }, issuerPrivateKey: Certificate.PrivateKey(issuerKey ?? key))
            return FakeAlipayCertificate(key: key, certificate: certificate, number: number)
        } catch {
            preconditionFailure("no certificate can be made: \(error)")
        }
    }
}

/// The certificates of both sides, issued once per process because keys are slow to make.
public struct FakeAlipayCertificates: Sendable {
    public static let shared = FakeAlipayCertificates(keys: .shared)
    /// The certificates of a second account.
    public static let second = FakeAlipayCertificates(keys: .second)

    let roots: [FakeAlipayCertificate]
    /// The issuer of merchants' certificates, and that of Alipay's.
    let merchants, alipays: FakeAlipayCertificate
    let application: FakeAlipayCertificate
    /// The certificates that Alipay signs with, one after the other.
    let alipay: [FakeAlipayCertificate]
    let otherRoot: String

    init(keys: FakeAlipayKeys) {
        func root(_ name: String, _ serial: UInt32) -> FakeAlipayCertificate {
            FakeAlipayCertificateRequest(
                subject: .authority(name), issuer: .authority(name), serial: serial, isAuthority: true
            ).issued()
        }
        roots = [root("R1", 1_001), root("R2", 1_002)]
        let top = roots[0]
        func issuer(_ name: String, _ serial: UInt32) -> FakeAlipayCertificate {
            FakeAlipayCertificateRequest(
                subject: .authority(name), issuer: .authority("R1"), serial: serial, isAuthority: true
            ).issued(by: top.key)
        }
        merchants = issuer("Class 1 R1", 2_001)
        alipays = issuer("Class 2 R1", 2_002)
        application = FakeAlipayCertificateRequest(
            subject: FakeAlipayName(commonName: "Shop-2088000000000001"), issuer: .authority("Class 1 R1"),
            serial: 3_001
        ).issued(to: keys.application, by: merchants.key)
        let issuerKey = alipays.key
        func signer(_ key: _RSA.Signing.PrivateKey, _ serial: UInt32, until end: Double) -> FakeAlipayCertificate {
            FakeAlipayCertificateRequest(
                subject: FakeAlipayName(commonName: "Alipay"), issuer: .authority("Class 2 R1"), serial: serial,
                notAfter: end
            ).issued(to: key, by: issuerKey)
        }
        // Until the end of 2033 and of 2034.
        alipay = [
            signer(keys.alipay, 4_001, until: 2_019_686_400), signer(keys.alipayNext, 4_002, until: 2_051_222_400),
        ]
        otherRoot = Self.ellipticRoot()
    }

    /// `appCertPublicKey_<appid>.crt`.
    public var applicationFile: String { application.pem }

    /// `alipayCertPublicKey_RSA2.crt`, with its issuer as in newer downloads.
    public var alipayFile: String { alipay[0].pem + alipays.pem }

    /// `alipayRootCert.crt`. A root with an EC key comes first.
    public var rootFile: String { otherRoot + roots.map(\.pem).joined() }

    /// `alipay_root_cert_sn`.
    public var rootNumber: String { roots.map(\.number).joined(separator: "_") }

    private static func ellipticRoot() -> String {
        do {
            let key = P384.Signing.PrivateKey()
            let (begin, end) = (Date(timeIntervalSince1970: 1_704_067_200), Date(timeIntervalSince1970: 2_019_686_400))
            let name = try FakeAlipayName.authority("E1").distinguished
            let certificate = try Certificate(
                version: .v3, serialNumber: Certificate.SerialNumber(bytes: [9]),
                publicKey: Certificate.PublicKey(key.publicKey), notValidBefore: begin, notValidAfter: end,
                issuer: name, subject: name,
                signatureAlgorithm: .ecdsaWithSHA384, extensions: Certificate.Extensions(),
                issuerPrivateKey: Certificate.PrivateKey(key))
            return try certificate.serializeAsPEM().pemString + "\n"
        } catch {
            preconditionFailure("no certificate can be made: \(error)")
        }
    }
}
