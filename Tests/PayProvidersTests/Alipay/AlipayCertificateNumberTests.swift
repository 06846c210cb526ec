import Crypto
import Foundation
import Testing

@testable import PayProviders

/// The numbers that Alipay gives to certificates.
@Suite struct AlipayCertificateNumberTests {
    private typealias Name = [[TestDER.Attribute]]

    private static func ant(_ commonName: String) -> Name {
        [
            [.init("2.5.4.6", "CN")], [.init("2.5.4.10", "Ant Financial")],
            [.init("2.5.4.11", "Certification Authority")],
            [.init("2.5.4.3", "Ant Financial Certification Authority \(commonName)")],
        ]
    }

    private static func number(_ issuer: Name, serial: [UInt8] = [1]) -> String? {
        AlipayCertificateNumber(TestDER.certificate(issuer: issuer, serial: serial))?.text
    }

    private static func digest(_ text: String) -> String {
        Insecure.MD5.hash(data: Data(text.utf8)).map { String(format: "%02x", $0) }.joined()
    }

    @Test(arguments: [
        // appCertPublicKey_2021001161683774.crt and alipayCertPublicKey_RSA2.crt of Alipay's Node SDK.
        ("Class 1 R1", "2020051862039d4090897ba4d51c2126", "866efef280dec9137a87d047ac446315"),
        ("Class 2 R1", "20200514e63c2fe04d538716fe21358b", "7513daaaa48aa3ba2e4018d84402479c"),
    ])
    func `the genuine certificates of Alipay's SDK have their published numbers`(
        _ name: String, _ serial: String, _ number: String
    ) {
        #expect(Self.number(Self.ant(name), serial: TestDER.bytes(serial)) == number)
    }

    @Test(arguments: [
        // The MD5 begins with four zeros.
        ("00cefd", "00007f67e503707f77a2e04b75d52e4b"),
        // The longest serial number of RFC 5280.
        ("7fffffffffffffffffffffffffffffffffffffff", "a72253b5c42745b324e28532b0890496"),
    ])
    func `a number of a certificate keeps its leading zeros, and a long serial number its digits`(
        _ serial: String, _ number: String
    ) {
        #expect(Self.number(Self.ant("Class 2 R1"), serial: TestDER.bytes(serial)) == number)
    }

    @Test func `the root file has the number of its RSA certificates, in their order`() throws {
        let file = try AlipayRootFile(text: AlipayRootVector.file)
        #expect(file.number == AlipayRootVector.number)
        let all = try AlipayCertificateText.certificates(in: AlipayRootVector.file).map(AlipayCertificateNumber.init)
        #expect(all.map { $0?.text } == AlipayRootVector.numbers)
        #expect(all.map { $0?.isSignedByRSA } == [false, true, false, true])
    }

    struct Written: Sendable {
        let issuer: [[TestDER.Attribute]]
        let text: String

        init(_ issuer: [[TestDER.Attribute]], _ text: String) {
            self.issuer = issuer
            self.text = text
        }

        /// A name of one common name.
        init(_ commonName: String, _ text: String) {
            self.init([[TestDER.Attribute("2.5.4.3", commonName)]], text)
        }
    }

    /// As `X500Principal.getName()` of Java writes them.
    private static let written: [Written] = [
        Written("a,b+c\"d\\e<f>g;h=i#j", ##"CN=a\,b\+c\"d\\e\<f\>g\;h\=i\#j"##),
        Written("  a b ", #"CN=\ \ a b\ "#),
        Written(" ", #"CN=\ "#),
        Written("支付宝（中国）", "CN=支付宝（中国）"),
        Written([[.init("2.5.4.10", "O"), .init("2.5.4.11", "U")], [.init("2.5.4.3", "N")]], "CN=N,O=O+OU=U"),
        Written([[.init("2.5.4.7", "L")], [.init("2.5.4.8", "S")], [.init("2.5.4.9", "R")]], "STREET=R,ST=S,L=L"),
        // Java writes the type of an e-mail address as its number, and then the value in hexadecimal.
        Written([[.init("1.2.840.113549.1.9.1", "a@b", tag: 0x16)]], "1.2.840.113549.1.9.1=#1603614062"),
        Written([], ""),
    ]

    @Test(arguments: written) func `the name of an issuer is written and escaped as by Java`(_ one: Written) {
        #expect(Self.number(one.issuer, serial: [0x12, 0x34]) == Self.digest("\(one.text)4660"))
    }

    @Test func `a certificate of version 1 has a number`() {
        let der = TestDER.certificate(issuer: Self.ant("R1"), serial: [7], hasVersion: false)
        #expect(AlipayCertificateNumber(der)?.text == Self.number(Self.ant("R1"), serial: [7]))
    }

    @Test func `a negative or empty serial number and a text that is no certificate have no number`() {
        #expect(Self.number(Self.ant("R1"), serial: [0x80]) == nil)
        #expect(Self.number(Self.ant("R1"), serial: []) == nil)
        #expect(AlipayCertificateNumber([]) == nil)
        #expect(AlipayCertificateNumber([0x30, 0]) == nil)
        #expect(AlipayCertificateNumber(Array("certificate".utf8)) == nil)
        let whole = TestDER.certificate(issuer: Self.ant("R1"), serial: [7])
        for length in whole.indices { #expect(AlipayCertificateNumber(Array(whole[..<length])) == nil) }
    }
}

/// Writes the outer structure of certificates in DER, without a library.
enum TestDER {
    struct Attribute: Sendable {
        let type: String
        let value: String
        let tag: UInt8

        /// The value is a UTF8String, unless `tag` says otherwise.
        init(_ type: String, _ value: String, tag: UInt8 = 0x0C) {
            self.type = type
            self.value = value
            self.tag = tag
        }
    }

    static func certificate(issuer: [[Attribute]], serial: [UInt8], hasVersion: Bool = true) -> [UInt8] {
        // sha256WithRSAEncryption
        let algorithm = node(0x30, object("1.2.840.113549.1.1.11") + node(0x05, []))
        let name = node(
            0x30,
            issuer.flatMap { attributes in
                node(
                    0x31, attributes.flatMap { node(0x30, object($0.type) + node($0.tag, Array($0.value.utf8))) })
            })
        let version = hasVersion ? node(0xA0, node(0x02, [2])) : []
        return node(0x30, node(0x30, version + node(0x02, serial) + algorithm + name) + algorithm + node(0x03, [0]))
    }

    static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.compactMap(\.hexDigitValue)
        return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }

    private static func node(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        let length = content.count
        guard length >= 0x80 else { return [tag, UInt8(length)] + content }
        let size = [UInt8(length >> 8), UInt8(length & 0xFF)].drop { $0 == 0 }
        return [tag, 0x80 | UInt8(size.count)] + size + content
    }

    private static func object(_ text: String) -> [UInt8] {
        let numbers = text.split(separator: ".").compactMap { Int($0) }
        let bytes = [numbers[0] * 40 + numbers[1]] + numbers.dropFirst(2)
        return node(
            0x06,
            bytes.flatMap { number in
                var digits = [UInt8(number & 0x7F)]
                var rest = number >> 7
                while rest > 0 {
                    digits.insert(UInt8(rest & 0x7F) | 0x80, at: 0)
                    rest >>= 7
                }
                return digits
            })
    }
}
