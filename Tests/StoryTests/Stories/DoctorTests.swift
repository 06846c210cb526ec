import Foundation
import ProviderFakes
import Testing

/// `paypage doctor` of the real binary, with a running sandbox.
@Suite(.timeLimit(.minutes(5))) struct DoctorTests {
    private static let basics = [
        "PAYPAGE_API_KEYS": Service.apiKey, "PAYPAGE_TOKEN_SECRET": Story.tokenSecret,
        "PAYPAGE_DATABASE_URL": "sqlite:paypage.sqlite", "PAYPAGE_PUBLIC_URL": "https://paypage.invalid",
    ]

    private func doctor(_ settings: [String: String], in folder: String) async throws -> Paypage.Run {
        try await Paypage.run(["doctor"], settings: Self.basics.merging(settings) { $1 }, in: folder)
    }

    private func settings(_ sandbox: Sandbox, secret: String = Story.sandboxSecret) -> [String: String] {
        [
            "PAYPAGE_SANDBOX_ENABLED": "true", "PAYPAGE_SANDBOX_BASE_URL": sandbox.client.base,
            "PAYPAGE_SANDBOX_SECRET": secret,
        ]
    }

    private func lines(_ run: Paypage.Run, _ mark: String) -> [String] {
        run.output.split(separator: "\n").map(String.init).filter { $0.hasPrefix(mark) }
    }

    @Test func `doctor reports a healthy service as ok in every line, and changes nothing`() async throws {
        try await Story.run { story in
            let sandbox = try await story.startSandbox().sandbox
            let service = try await story.startService(sandbox)
            let place = ["PAYPAGE_PUBLIC_URL": service.client.base, "PAYPAGE_DATABASE_URL": "sqlite:other.sqlite"]
            let run = try await doctor(settings(sandbox).merging(place) { $1 }, in: story.folder)
            #expect(run.end == .exited(0), "\(run.output)\n\(run.errors)")
            #expect(lines(run, "ok    ").count == run.output.split(separator: "\n").count, "\(run.output)")
            #expect(run.output.contains("sandbox account: a signed call was accepted"))
            #expect(run.output.contains("public url: \(service.client.base)/healthz is answered by Paypage"))
            #expect(!FileManager.default.fileExists(atPath: story.folder + "/other.sqlite"))
            #expect(!run.output.contains(Service.apiKey))
        }
    }

    @Test func `doctor detects a secret that is not the provider's, and fails`() async throws {
        try await Story.run { story in
            let sandbox = try await story.startSandbox().sandbox
            let run = try await doctor(settings(sandbox, secret: "hush-not-the-sandboxes-secret"), in: story.folder)
            #expect(run.end == .exited(1))
            let failures = lines(run, "FAIL  ").filter { !$0.hasPrefix("FAIL  public url") }
            #expect(failures.count == 1 && failures.first?.contains("sandbox.secret") == true, "\(run.output)")
            #expect(!run.output.contains("hush") && !run.errors.contains("hush"))
        }
    }

    @Test func `doctor lists every problem that would stop the start`() async throws {
        try await withFolder { folder in
            try Data("-----BEGIN CERTIFICATE-----\naHVzaA==\n-----END CERTIFICATE-----".utf8)
                .write(to: URL(filePath: folder + "/cert.pem"))
            let run = try await doctor(
                [
                    "PAYPAGE_ALIPAY_APP_ID": "2021000000000001", "PAYPAGE_ALIPAY_PRIVATE_KEY_FILE": "cert.pem",
                    "PAYPAGE_STRIPE_SECRET_KEY": "pk_live_hush", "PAYPAGE_STRIPE_WEBHOOK_SECRET": "whsec_hush",
                ], in: folder)
            #expect(run.end == .exited(1))
            let failures = lines(run, "FAIL  settings: ")
            for key in ["alipay.public.key.file", "alipay.private.key.file", "stripe.secret.key"] {
                #expect(failures.contains { $0.hasPrefix("FAIL  settings: \(key) ") }, "\(run.output)")
            }
            #expect(!run.output.contains("hush") && !run.output.contains("aHVz"))
        }
    }

    /// A mistake in the settings for WeChat Pay, and the line that reports it.
    enum WrongKey: String, CaseIterable, Sendable {
        case none, publicKey, publicKeyID, apiV3Key, apiV3KeyOfCertificates

        var mode: FakeWeChatPaySigner { self == .apiV3KeyOfCertificates ? .certificate : .publicKey }

        /// The beginnings of the FAIL lines.
        var failures: [String] {
            switch self {
            case .none: []
            case .publicKey: ["FAIL  wechat signature: "]
            // WeChat refuses a request that names an unknown key.
            case .publicKeyID: ["FAIL  wechat account: "]
            case .apiV3Key: ["FAIL  wechat APIv3 key: "]
            case .apiV3KeyOfCertificates: ["FAIL  wechat account: ", "FAIL  wechat APIv3 key: "]
            }
        }

        func spoil(_ settings: inout [String: String], in folder: String) throws {
            switch self {
            case .none: break
            case .publicKey:
                let path = "\(folder)/other.pub"
                try Data(FakeAlipayKeys.shared.alipayPublicKey.utf8).write(to: URL(filePath: path))
                settings["PAYPAGE_WECHAT_PUBLIC_KEY_FILE"] = path
            case .publicKeyID:
                settings["PAYPAGE_WECHAT_PUBLIC_KEY_ID"] = "PUB_KEY_ID_0116000000012024110600000000009"
            case .apiV3Key, .apiV3KeyOfCertificates:
                settings["PAYPAGE_WECHAT_API_V3_KEY"] = "0123456789abcdef0123456789ABCDEF"
            }
        }
    }

    @Test(arguments: WrongKey.allCases)
    func `doctor detects a key that is not WeChat Pay's by an answer`(_ wrong: WrongKey) async throws {
        let players = Players(clock: WallClock(), weChatTrust: wrong.mode)
        try await withFolder { folder in
            try await players.whileRunning {
                var settings = try players.settings(keysIn: folder).filter { $0.key.contains("WECHAT") }
                try wrong.spoil(&settings, in: folder)
                let run = try await doctor(settings, in: folder)
                // The settings' public URL is not reachable, which has its own line.
                let failures = lines(run, "FAIL  wechat ")
                #expect(failures.count == wrong.failures.count, "\(run.output)")
                for (line, beginning) in zip(failures, wrong.failures) { #expect(line.hasPrefix(beginning), "\(line)") }
                if wrong == .none {
                    #expect(lines(run, "ok    wechat signature: ").count == 1, "\(run.output)")
                    #expect(lines(run, "ok    wechat APIv3 key: ").count == 1, "\(run.output)")
                }
                #expect(players.wechat.trades.isEmpty)
            }
        }
    }

    @Test func `doctor reports an unreachable provider in one line`() async throws {
        try await withFolder { folder in
            let run = try await doctor(
                [
                    "PAYPAGE_STRIPE_SECRET_KEY": "sk_test_hush", "PAYPAGE_STRIPE_WEBHOOK_SECRET": "whsec_hush",
                    "PAYPAGE_STRIPE_BASE_URL": "http://127.0.0.1:\(try FreePort.find())",
                ], in: folder)
            #expect(run.end == .exited(1))
            #expect(
                lines(run, "FAIL  stripe").count == 1 && lines(run, "FAIL  stripe reach").count == 1, "\(run.output)")
            #expect(lines(run, "FAIL  public url").first?.contains("DNS") == true, "\(run.output)")
        }
    }
}
