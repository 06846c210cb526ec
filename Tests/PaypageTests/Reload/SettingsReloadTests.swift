import Foundation
import Logging
import PayAccess
import PayCore
import PayFlow
import Synchronization
import Testing

@testable import paypage

/// A file of settings, its reload, and what was put to use.
private final class ReloadBench: Sendable {
    struct Failure: Error, CustomStringConvertible {
        var description: String { "channel sandbox is missing\nchannel alipay too" }
    }

    let file: String
    let applied = Mutex<[(settings: Settings, note: AuditNote)]>([])
    let fails = Mutex(false)
    private let made = Mutex<SettingsReload?>(nil)

    private static let author = Actor(PersonName("ming")!, by: .cli, from: nil)

    init(_ yaml: String, environment: [String: String] = [:], dev: Bool = false) throws {
        file = FileManager.default.temporaryDirectory.appending(path: "paypage-\(UUID()).yaml").path
        try write(yaml)
        var loader = SettingsLoader(environment: environment, configFile: file, dev: dev)
        let (settings, fingerprint) = try loader.load()
        loader.generated = settings.generated
        let reload = SettingsReload(loader, settings, fingerprint, logger: Logger(label: "test")) {
            [self] settings, _, note in
            if fails.withLock({ $0 }) { throw Failure() }
            applied.withLock { $0.append((settings, note)) }
        }
        made.withLock { $0 = reload }
    }

    deinit {
        try? FileManager.default.removeItem(atPath: file)
    }

    func write(_ yaml: String) throws {
        try Data(yaml.utf8).write(to: URL(filePath: file))
    }

    func reload(variables: [String: String]? = nil) async throws -> ReloadReport {
        let reload = try #require(made.withLock { $0 })
        return await reload(by: Self.author, variables: variables)
    }

    var last: (settings: Settings, note: AuditNote)? { applied.withLock { $0.last } }
}

@Suite("reload of the settings")
struct SettingsReloadTests {
    private static let yaml = """
        public.url: https://pay.example.com
        api.keys: [pk_0123456789abcdef]
        token.secret: token-secret-of-more-than-32-bytes
        sandbox: {enabled: true, base.url: "http://127.0.0.1:9000/sandbox", secret: sandbox-secret}

        """

    @Test func `a reload names the changed settings, and puts them to use with an audit entry`() async throws {
        let bench = try ReloadBench(Self.yaml)
        try bench.write(Self.yaml + "order.ttl: 10m\nshop.name: Tea\n")
        let report = try await bench.reload()
        #expect(report == ReloadReport(outcome: .reloaded, changed: ["order.ttl", "shop.name"]))
        let last = try #require(bench.last)
        #expect(last.settings.orderTTL == .seconds(600))
        #expect(last.note.action == .settingsReloaded && last.note.detail == "order.ttl shop.name")
        #expect(last.note.actor.name.text == "ming")
    }

    @Test func `without a change nothing is put to use`() async throws {
        let bench = try ReloadBench(Self.yaml)
        let report = try await bench.reload()
        #expect(report == ReloadReport(outcome: .unchanged) && bench.last == nil)
    }

    @Test func `a setting that needs a restart is named at each reload until the start`() async throws {
        let bench = try ReloadBench(Self.yaml)
        try bench.write(Self.yaml + "http.port: 9999\ncluster.nodes: 2\norder.ttl: 10m\n")
        let restart = ["cluster.nodes", "http.port"]
        var report = try await bench.reload()
        #expect(report == ReloadReport(outcome: .reloaded, changed: ["order.ttl"], restart: restart))
        report = try await bench.reload()
        #expect(report == ReloadReport(outcome: .unchanged, restart: restart))
        #expect(report.text.contains("http.port: changed, restart to apply"))
    }

    @Test func `with a mistake the old settings stay, and the next reload succeeds`() async throws {
        let bench = try ReloadBench(Self.yaml)
        let secret = "another-secret-of-more-than-32-bytes"
        try bench.write(Self.yaml.replacing("token-secret-of-more-than-32-bytes", with: secret) + "repay.mode: foo\n")
        var report = try await bench.reload()
        #expect(report.outcome == .refused && bench.last == nil)
        #expect(report.mistakes.count == 1 && report.mistakes[0].hasPrefix("repay.mode"), "\(report.mistakes)")
        #expect(!report.text.contains(secret))
        bench.fails.withLock { $0 = true }
        try bench.write(Self.yaml.replacing("token-secret-of-more-than-32-bytes", with: secret))
        report = try await bench.reload()
        #expect(report.mistakes == ["channel sandbox is missing", "channel alipay too"])
        bench.fails.withLock { $0 = false }
        report = try await bench.reload()
        #expect(report == ReloadReport(outcome: .reloaded, changed: ["token.secret"]))
    }

    @Test func `a file of keys with new content is a change of its setting`() async throws {
        try await withKeyFiles { files in
            let path = try files.write("{\"keys\": []}", "jwks.json")
            let bench = try ReloadBench(Self.yaml + "user.jwks.file: \(path)\n")
            _ = try files.write("{\"keys\": [ ]}", "jwks.json")
            #expect(try await bench.reload().changed == ["user.jwks.file"])
        }
    }

    @Test func `a channel cannot change its provider while the service runs`() async throws {
        try await withKeyFiles { files in
            let bench = try ReloadBench(
                Self.yaml + "channels.eu: {provider: stripe, secret.key: sk_test_1, webhook.secret: whsec_1}\n")
            try bench.write(
                Self.yaml + """
                    channels.eu: {provider: alipay, app.id: "1", private.key.file: \(try files.ourPrivateKey()), \
                    public.key.file: \(try files.theirPublicKey())}

                    """)
            let report = try await bench.reload()
            #expect(report.outcome == .refused && bench.last == nil)
            #expect(report.mistakes[0].contains("channels.eu.provider"), "\(report.mistakes)")
            #expect(report.mistakes[0].contains("restart to apply"))
        }
    }

    @Test func `variables are those of the start, unless the reload brings others`() async throws {
        let bench = try ReloadBench(Self.yaml, environment: ["PAYPAGE_SHOP_NAME": "Tea", "PATH": "/bin"])
        #expect(try await bench.reload().outcome == .unchanged)
        let report = try await bench.reload(variables: ["PAYPAGE_SHOP_COLOR": "#112233", "HOME": "/"])
        #expect(report.changed == ["shop.color", "shop.name"])
        #expect(try await bench.reload().outcome == .unchanged)
    }

    @Test func `a reload with --dev keeps the generated secrets`() async throws {
        let bench = try ReloadBench("order.ttl: 20m\n", dev: true)
        try bench.write("order.ttl: 10m\n")
        #expect(try await bench.reload().changed == ["order.ttl"])
        let first = try #require(bench.last?.settings)
        try bench.write("order.ttl: 11m\n")
        _ = try await bench.reload()
        let second = try #require(bench.last?.settings)
        #expect(first.apiKeys[0].secret.reveal() == second.apiKeys[0].secret.reveal())
        #expect(first.tokenSecrets[0].reveal() == second.tokenSecrets[0].reveal())
    }
}
