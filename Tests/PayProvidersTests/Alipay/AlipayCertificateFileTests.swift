import Foundation
import PayCore
import ProviderFakes
import Testing

@testable import PayProviders

/// The files of certificate mode.
@Suite struct AlipayCertificateFileTests {
    private static let certificates = FakeAlipayCertificates.shared

    private static func mistake(_ text: String) -> AlipayCertificateMistake? {
        do throws(AlipayCertificateMistake) {
            _ = try AlipayCertificateFile(text: text)
            return nil
        } catch {
            return error
        }
    }

    private static func mistake(inRoots text: String) -> AlipayCertificateMistake? {
        do throws(AlipayCertificateMistake) {
            _ = try AlipayRootFile(text: text)
            return nil
        } catch {
            return error
        }
    }

    @Test func `an application's certificate belongs to its private key, and Alipay's does not`() throws {
        let key = try RSASigningKey(text: Secret(FakeAlipayKeys.shared.applicationPrivateKey))
        let application = try AlipayCertificateFile(text: Self.certificates.applicationFile)
        #expect(application.first.certifies(key))
        #expect(try !AlipayCertificateFile(text: Self.certificates.alipayFile).first.certifies(key))
    }

    @Test func `Alipay's file is read with its issuer, in any order and with text around`() throws {
        let alipay = try AlipayCertificateFile(text: Self.certificates.alipayFile)
        #expect(alipay.certificates.count == 1 && alipay.issuers.count == 1)
        let blocks = Self.certificates.alipayFile.components(separatedBy: "-----BEGIN").dropFirst().reversed()
        let turned = blocks.map { "subject=CN=x\r\n-----BEGIN" + $0 }.joined()
        #expect(try AlipayCertificateFile(text: turned).first.number == alipay.first.number)
    }

    @Test func `a file in the wrong place is named for what it is`() {
        #expect(Self.mistake(Self.certificates.rootFile) == .isRoots)
        #expect(Self.mistake(AlipayRootVector.file) == .isRoots)
        #expect(Self.mistake(inRoots: Self.certificates.applicationFile) == .isNotRoots)
        #expect(Self.mistake(inRoots: Self.certificates.alipayFile) == .isNotRoots)
        #expect(Self.mistake(FakeAlipayKeys.shared.applicationPrivateKey) == .isKey)
        #expect(Self.mistake(inRoots: FakeAlipayKeys.shared.alipayPublicKey) == .isKey)
    }

    @Test func `a file without a usable certificate is refused`() {
        let whole = Self.certificates.applicationFile
        let cut = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
        #expect(Self.mistake("") == .empty)
        #expect(Self.mistake("nothing") == .empty)
        #expect(Self.mistake(cut) == .damaged)
        #expect(Self.mistake(inRoots: cut) == .damaged)
        #expect(Self.mistake(whole + cut) == .damaged)
        // The first certificate of the root file has an EC key.
        let elliptic = Self.certificates.rootFile.components(separatedBy: "-----END CERTIFICATE-----")[0]
        let alone = elliptic + "-----END CERTIFICATE-----\n"
        #expect(Self.mistake(alone) == .isNotRSA)
        #expect(Self.mistake(inRoots: alone) == .hasNoRSARoot)
    }
}
