import PayCore
import PayFlow
import PayProviders
import PayTestSupport
import ProviderFakes
import Testing

@testable import paypage

/// The ends of the certificates of Alipay's certificate mode, in `doctor` and among the things that wait for a person.
@Suite struct AlipayCertificateCheckTests {
    /// The certificates of the fake end at the beginning of 2034.
    private static let end = Instant(milliseconds: 2_019_686_400_000)
    private static let channel = Channel("alipay")!

    private static func certificates() throws -> AlipayCertificates {
        let files = FakeAlipayCertificates.shared
        return AlipayCertificates(
            application: try AlipayCertificateFile(text: files.applicationFile),
            alipay: try AlipayCertificateFile(text: files.alipayFile), roots: try AlipayRootFile(text: files.rootFile))
    }

    @Test(arguments: [
        (-86_400 * 31, Finding.Grade.ok, "is valid until 2034-01-01T00:00:00"),
        (-86_400 * 30, .ok, "is valid until"),
        (-86_400 * 30 + 1, .warning, "ends on 2034-01-01T00:00:00"),
        (0, .warning, "ends on"),
        (1, .failure, "ended on 2034-01-01T00:00:00"),
        (-86_400 * 365 * 20, .failure, "is not yet valid"),
    ])
    func `doctor names the file of each certificate that ends within 30 days`(
        _ seconds: Int, _ grade: Finding.Grade, _ part: String
    ) throws {
        let check = AlipayCertificateCheck(
            channel: Self.channel,
            files: .init(
                certificates: try Self.certificates(), applicationPath: "/keys/app.crt",
                alipayPath: "/keys/alipay.crt"))
        let findings = check.findings(at: Self.end + .seconds(seconds))
        #expect(findings.map(\.grade) == [grade, grade])
        for (finding, path) in zip(findings, ["/keys/app.crt", "/keys/alipay.crt"]) {
            #expect(finding.text.hasPrefix("\(path) \(part)"), "\(finding)")
        }
    }

    @Test func `a certificate that ends within 30 days waits for a person`() throws {
        let clock = HandMovedClock()
        let configuration = AlipayConfiguration(
            appID: "2021000000000001",
            signingKey: try RSASigningKey(text: Secret(FakeAlipayKeys.shared.applicationPrivateKey)),
            keys: .certificates(try Self.certificates()), gatewayURL: AlipayConfiguration.production, sellerID: nil,
            pcMethod: .page)
        let transport = GuardedTransport(NoProvider(), clock: clock)
        let provider = AlipayProvider(configuration, transport: transport, clock: clock)
        let soon = Self.end - .seconds(30 * 86_400)
        #expect(provider.certificateConditions(at: soon).isEmpty)
        let conditions = provider.certificateConditions(at: soon + .seconds(1))
        #expect(conditions.map(\.kind) == [.certificateEnds, .certificateEnds])
        #expect(conditions.map(\.endsAt) == [Self.end, Self.end])
        #expect(conditions.map(\.since) == [soon, soon])
        #expect(conditions[0].subject.hasPrefix("appCertPublicKey "))
        #expect(conditions[1].subject.hasPrefix("alipayCertPublicKey_RSA2 "))
    }

    private struct NoProvider: ProviderTransport {
        func send(_ request: ProviderRequest) async throws(TransportError) -> ProviderReply {
            throw TransportError(.neverSent, .couldNotConnect)
        }
    }
}
