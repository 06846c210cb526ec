import Foundation
import Testing

/// `paypage doctor` of the real binary, beside a sandbox that runs.
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

    @Test func `a service that is well is told so in every line, and nothing is changed`() async throws {
        try await Story.run { story in
            let sandbox = try await story.startSandbox().sandbox
            let service = try await story.startService(sandbox)
            let place = ["PAYPAGE_PUBLIC_URL": service.client.base, "PAYPAGE_DATABASE_URL": "sqlite:other.sqlite"]
            let run = try await doctor(settings(sandbox).merging(place) { $1 }, in: story.folder)
            #expect(run.end == .exited(0), "\(run.output)\n\(run.errors)")
            #expect(lines(run, "ok    ").count == run.output.split(separator: "\n").count, "\(run.output)")
            #expect(run.output.contains("sandbox account: a signed call was taken"))
            #expect(run.output.contains("public url: \(service.client.base)/healthz answers as Paypage does"))
            #expect(!FileManager.default.fileExists(atPath: story.folder + "/other.sqlite"))
            #expect(!run.output.contains(Service.apiKey))
        }
    }

    @Test func `a secret that isn't the provider's is found out, and the command fails`() async throws {
        try await Story.run { story in
            let sandbox = try await story.startSandbox().sandbox
            let run = try await doctor(settings(sandbox, secret: "hush-not-the-sandboxes-secret"), in: story.folder)
            #expect(run.end == .exited(1))
            let failures = lines(run, "FAIL  ").filter { !$0.hasPrefix("FAIL  public url") }
            #expect(failures.count == 1 && failures.first?.contains("sandbox.secret") == true, "\(run.output)")
            #expect(!run.output.contains("hush") && !run.errors.contains("hush"))
        }
    }

    @Test func `what would stop the start is all told at once`() async throws {
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

    @Test func `a provider that nobody answers for is told of in one line`() async throws {
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
