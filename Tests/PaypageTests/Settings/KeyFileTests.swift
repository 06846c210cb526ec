import Crypto
import CryptoExtras
import Foundation
import PayCore
import PayProviders
import Testing

@testable import paypage

/// Key files as consoles, editors and openssl write them.
@Suite struct KeyFileTests {
    struct Written: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        var form = "PKCS#8, with PEM marks"

        init(_ what: String, _ text: String, form: String = "PKCS#8, with PEM marks") {
            (testDescription, self.text, self.form) = (what, text, form)
        }
    }

    private static let key = KeyFiles.ours
    private static let pkcs8 = key.pkcs8PEMRepresentation
    private static let pkcs1 = key.pemRepresentation
    private static let spki = key.publicKey.pemRepresentation
    private static let elliptic = P256.Signing.PrivateKey()

    private static let bags = """
        Bag Attributes
            friendlyName: Tenpay Certificate
            localKeyID: 54 69 6D 65 20 31
        Key Attributes: <No Attributes>

        """
    /// Not a real certificate: only its structure matters here.
    private static let certificate =
        "-----BEGIN CERTIFICATE-----\n\(certificateDER.base64EncodedString(options: .lineLength64Characters))\n"
        + "-----END CERTIFICATE-----\n"
    private static let certificateDER = Data([0x30, 0x09, 0x30, 0x00, 0x30, 0x00, 0x03, 0x03, 0x00, 0x01, 0x02])

    private static func oneLine(_ pem: String, _ joint: String = " ") -> String {
        pem.split(separator: "\n").joined(separator: joint)
    }

    static let privateKeys: [Written] = [
        Written("openssl pkcs12 -nodes", bags + certificate + bags + pkcs8),
        Written("bag attributes, and the key first", bags + pkcs8 + "subject=CN = x\nissuer=CN = y\n" + certificate),
        Written("certificate and key", certificate + pkcs1, form: "PKCS#1, with PEM marks"),
        Written("key and certificate", pkcs8 + certificate + certificate),
        Written("the public key first", spki + "\n" + pkcs8),
        Written("another key first", elliptic.pemRepresentation + "\n" + pkcs8),
        Written(
            "EC parameters first",
            "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + pkcs8),
        Written("two keys", pkcs8 + "\n" + KeyFiles.theirs.pkcs8PEMRepresentation),
        Written("on one line with blanks", oneLine(pkcs8)),
        Written("on one line with nothing between", oneLine(pkcs8, "")),
        Written("literal \\n", oneLine(pkcs8, "\\n") + "\\n"),
        Written("literal \\r\\n", oneLine(pkcs1, "\\r\\n"), form: "PKCS#1, with PEM marks"),
        Written("CRLF", pkcs8.replacing("\n", with: "\r\n")),
        Written("CR alone", pkcs8.replacing("\n", with: "\r")),
        Written("a byte order mark", "\u{FEFF}" + pkcs8),
        Written("indented", pkcs8.split(separator: "\n").map { "    \($0)  " }.joined(separator: "\n")),
        Written("the wrong mark", pkcs8.replacing("PRIVATE KEY", with: "RSA PRIVATE KEY")),
        Written("no end mark", String(pkcs8.prefix(upTo: pkcs8.range(of: "-----END")!.lowerBound))),
        Written("bare base64", key.pkcs8DERRepresentation.base64EncodedString(), form: "PKCS#8, without PEM marks"),
        Written(
            "bare base64 with a literal \\n", key.derRepresentation.base64EncodedString() + "\\n",
            form: "PKCS#1, without PEM marks"),
    ]

    @Test(arguments: privateKeys) func `a private key is read in every common form`(row: Written) throws {
        let found = try RSASigningKey(text: Secret(row.text))
        #expect(found.verifyingKey == (try RSAVerifyingKey(text: Self.spki)))
        #expect(RSAKeyForm(privateKey: Secret(row.text)).description == row.form)
    }

    static let publicKeys: [Written] = [
        Written("beside a private key", pkcs8 + "\n" + spki, form: "SubjectPublicKeyInfo, with PEM marks"),
        Written("beside a certificate", certificate + spki, form: "SubjectPublicKeyInfo, with PEM marks"),
        Written("on one line", oneLine(spki), form: "SubjectPublicKeyInfo, with PEM marks"),
        Written("literal \\n", oneLine(spki, "\\n"), form: "SubjectPublicKeyInfo, with PEM marks"),
        Written(
            "bare base64", key.publicKey.derRepresentation.base64EncodedString() + "\r\n",
            form: "SubjectPublicKeyInfo, without PEM marks"),
        Written(
            "PKCS#1",
            "-----BEGIN RSA PUBLIC KEY-----\n\(key.publicKey.pkcs1DERRepresentation.base64EncodedString())\n"
                + "-----END RSA PUBLIC KEY-----", form: "PKCS#1, with PEM marks"),
    ]

    @Test(arguments: publicKeys) func `a public key is read in every common form`(row: Written) throws {
        #expect(try RSAVerifyingKey(text: row.text) == RSAVerifyingKey(text: Self.spki))
        #expect(RSAKeyForm(publicKey: row.text).description == row.form)
    }

    struct Mistaken: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let text: String
        let asPrivate: RSAKeyMistake
        let asPublic: RSAKeyMistake

        init(_ what: String, _ text: String, asPrivate: RSAKeyMistake, asPublic: RSAKeyMistake) {
            (testDescription, self.text, self.asPrivate, self.asPublic) = (what, text, asPrivate, asPublic)
        }
    }

    private static let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAUwAAQBAA==\n-----END ENCRYPTED PRIVATE KEY-----\n"

    static let mistaken: [Mistaken] = [
        Mistaken("a certificate", certificate, asPrivate: .isCertificate, asPublic: .isCertificate),
        Mistaken(
            "a certificate without marks", certificateDER.base64EncodedString(), asPrivate: .isCertificate,
            asPublic: .isCertificate),
        Mistaken(
            "an EC key", elliptic.pemRepresentation, asPrivate: .isNotRSA(name: "an EC"), asPublic: .isPrivate),
        Mistaken(
            "an EC key by SEC 1", "-----BEGIN EC PRIVATE KEY-----\nMAYCAQEEATA=\n-----END EC PRIVATE KEY-----",
            asPrivate: .isNotRSA(name: "an EC"), asPublic: .isPrivate),
        Mistaken(
            "an EC public key", elliptic.publicKey.pemRepresentation, asPrivate: .isPublic,
            asPublic: .isNotRSA(name: "an EC")),
        Mistaken(
            "an Ed25519 public key",
            "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----",
            asPrivate: .isPublic, asPublic: .isNotRSA(name: "an Ed25519")),
        Mistaken("an encrypted key", encrypted, asPrivate: .isEncrypted, asPublic: .isEncrypted),
        Mistaken(
            "an encrypted key without marks", "MAUwAAQBAA==", asPrivate: .isEncrypted, asPublic: .isEncrypted),
        Mistaken(
            "an encrypted key with bag attributes and its certificate", bags + encrypted + bags + certificate,
            asPrivate: .isEncrypted, asPublic: .isCertificate),
        Mistaken(
            "a key that is cut off", String(pkcs8.prefix(800)), asPrivate: .damaged, asPublic: .isPrivate),
        Mistaken(
            "a key that is cut off, beside its certificate", certificate + pkcs8.prefix(800), asPrivate: .damaged,
            asPublic: .isCertificate),
        Mistaken(
            "a public key that is cut off", String(spki.prefix(200)), asPrivate: .isPublic, asPublic: .damaged),
        Mistaken(
            "a certificate and a public key", certificate + spki.prefix(200), asPrivate: .isPublic, asPublic: .damaged),
        Mistaken("nothing", " \r\n\\n", asPrivate: .empty, asPublic: .empty),
        Mistaken(
            "marks around nothing", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----", asPrivate: .empty,
            asPublic: .empty),
        Mistaken("prose", "my key is a secret", asPrivate: .unreadable, asPublic: .unreadable),
        Mistaken("JSON", #"{"keys":[]}"#, asPrivate: .unreadable, asPublic: .unreadable),
    ]

    @Test(arguments: mistaken) func `a file without the required key is reported by its actual content`(row: Mistaken) {
        #expect(throws: row.asPrivate) { try RSASigningKey(text: Secret(row.text)) }
        #expect(throws: row.asPublic) { try RSAVerifyingKey(text: row.text) }
    }

    @Test(arguments: [
        (certificate, "is a certificate; a public key is required", "openssl x509 -pubkey -noout -in FILE"),
        (pkcs8, "is a private key; the provider's public key is required", "provider's console"),
        (elliptic.publicKey.pemRepresentation, "is an EC key; an RSA key is required", "RSA2"),
        (String(spki.prefix(200)), "is a public key that is truncated or changed", "copy the file again"),
    ]) func `the message about a public key says how to fix it`(text: String, problem: String, remedy: String)
        async throws
    {
        try await withKeyFiles { files in
            let path = try files.write(text)
            let error = #expect(throws: Complaint.self) { try SettingRules.publicKeyFile(path) }
            #expect(error?.problem == problem && error?.remedy.contains(remedy) == true, "\(String(describing: error))")
        }
    }

    @Test(arguments: [
        (certificate, "is a certificate; a private key is required", "apiclient_key.pem"),
        (spki, "is a public key; the private key is required", "private key"),
        (elliptic.pemRepresentation, "is an EC key; an RSA key is required", "openssl genpkey -algorithm RSA"),
        (encrypted, "is an encrypted private key", "openssl pkey -in FILE"),
        (String(pkcs8.prefix(800)), "is a private key that is truncated or changed", "copy the file again"),
    ]) func `the message about a private key says how to fix it`(text: String, problem: String, remedy: String)
        async throws
    {
        try await withKeyFiles { files in
            let path = try files.write(text)
            let error = #expect(throws: Complaint.self) { try SettingRules.privateKeyFile(path) }
            #expect(error?.problem == problem && error?.remedy.contains(remedy) == true, "\(String(describing: error))")
        }
    }

    @Test func `a PKCS#12 file is reported with the command that extracts the key`() async throws {
        try await withKeyFiles { files in
            let path = files.folder.appending(path: "apiclient_cert.p12").path
            try Data([0x30, 0x82, 0x0A, 0xFF, 0x02, 0x01, 0x03]).write(to: URL(filePath: path))
            let error = #expect(throws: Complaint.self) { try SettingRules.privateKeyFile(path) }
            #expect(error?.problem == "is a binary file (PKCS#12 or DER)")
            #expect(error?.remedy.contains("openssl pkcs12 -in FILE -nodes") == true)
        }
    }

    @Test func `a key file in UTF-16 is read`() async throws {
        try await withKeyFiles { files in
            let path = files.folder.appending(path: "utf16.pem").path
            try Data([0xFF, 0xFE] + Self.pkcs8.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] })
                .write(to: URL(filePath: path))
            #expect(try SettingRules.privateKeyFile(path).key.bitCount == 2048)
        }
    }
}
