import CryptoExtras
import Foundation
import PayProviders
import ProviderFakes
import Testing

@testable import paypage

/// Alipay's certificate mode: three files instead of Alipay's public key.
@Suite struct SettingsCertificateTests {
    private let certificates = FakeAlipayCertificates.shared

    /// A complete configuration in certificate mode, as variables.
    private func alipay(_ files: KeyFiles, _ changes: [String: String] = [:]) throws -> [String: String] {
        let whole = [
            "PAYPAGE_ALIPAY_APP_ID": "2021000000000001",
            "PAYPAGE_ALIPAY_PRIVATE_KEY_FILE": try files.write(FakeAlipayKeys.shared.applicationPrivateKey, "own.pem"),
            "PAYPAGE_ALIPAY_APP_CERT_FILE": try files.write(certificates.applicationFile, "app.crt"),
            "PAYPAGE_ALIPAY_ALIPAY_CERT_FILE": try files.write(certificates.alipayFile, "alipay.crt"),
            "PAYPAGE_ALIPAY_ROOT_CERT_FILE": try files.write(certificates.rootFile, "root.crt"),
        ]
        return KeyFiles.basics.merging(whole) { $1 }.merging(changes) { $1 }.filter { !$0.value.isEmpty }
    }

    @Test func `three certificate files are read instead of the public key`() async throws {
        try await withKeyFiles { files in
            let alipay = try #require(try SettingsFixture.load(alipay(files)).alipay)
            guard case .certificates(let read) = alipay.trust else {
                Issue.record("\(alipay.trust)")
                return
            }
            #expect(read.certificates.roots.number == certificates.rootNumber)
            #expect(read.certificates.application.certifies(alipay.privateKey.key))
            #expect(read.applicationPath.hasSuffix("app.crt") && read.alipayPath.hasSuffix("alipay.crt"))
        }
    }

    @Test(arguments: ["APP", "ALIPAY", "ROOT"]) func `with one of the files, all three are required`(word: String)
        async throws
    {
        try await withKeyFiles { files in
            let mistakes = try SettingsFixture.mistakes(alipay(files, ["PAYPAGE_ALIPAY_\(word)_CERT_FILE": ""]))
            let key = "alipay.\(word.lowercased()).cert.file"
            #expect(mistakes.count == 1 && mistakes[0].hasPrefix(key), "\(mistakes)")
            #expect(mistakes.first?.contains("is not set, but alipay.app.id is") == true)
        }
    }

    @Test func `the public key beside certificates is refused`() async throws {
        try await withKeyFiles { files in
            let both = try alipay(files, ["PAYPAGE_ALIPAY_PUBLIC_KEY_FILE": files.theirPublicKey()])
            let mistakes = try SettingsFixture.mistakes(both)
            #expect(mistakes.count == 1 && mistakes[0].hasPrefix("alipay.public.key.file "), "\(mistakes)")
            #expect(mistakes.first?.contains("is set beside certificate files") == true)
        }
    }

    /// The content of a file, and the message about it in the place of another one.
    struct Mistaken: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let key: String
        let text: @Sendable (FakeAlipayCertificates) -> String
        let part: String
    }

    @Test(arguments: [
        Mistaken(
            testDescription: "the root file as the application's", key: "alipay.app.cert.file", text: { $0.rootFile },
            part: "is a file of root certificates"),
        Mistaken(
            testDescription: "Alipay's as the application's", key: "alipay.app.cert.file", text: { $0.alipayFile },
            part: "is not the certificate of the key in alipay.private.key.file"),
        Mistaken(
            testDescription: "the application's as Alipay's", key: "alipay.alipay.cert.file",
            text: { $0.applicationFile },
            part: "is the application's certificate"),
        Mistaken(
            testDescription: "the application's as the root file", key: "alipay.root.cert.file",
            text: { $0.applicationFile }, part: "is not Alipay's root file"),
        Mistaken(
            testDescription: "a key", key: "alipay.app.cert.file", text: { _ in KeyFiles.ours.pkcs8PEMRepresentation },
            part: "is a key; a certificate is required"),
        Mistaken(
            testDescription: "nothing", key: "alipay.root.cert.file", text: { _ in "\n" },
            part: "is a file without a certificate"),
    ]) func `a file in the wrong place is told by its kind`(_ row: Mistaken) async throws {
        try await withKeyFiles { files in
            let variable = SettingName.variable(for: row.key)
            let mistakes = try SettingsFixture.mistakes(alipay(files, [variable: files.write(row.text(certificates))]))
            #expect(mistakes.count == 1 && mistakes[0].hasPrefix("\(row.key) "), "\(mistakes)")
            #expect(mistakes.first?.contains(row.part) == true, "\(mistakes)")
        }
    }
}
