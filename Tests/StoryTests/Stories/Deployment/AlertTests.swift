import Foundation
import PayProviders
import Testing

/// The alert rules, the dashboards, and the metrics that they read.
@Suite(.serialized, .timeLimit(.minutes(5))) struct AlertTests {
    /// Metrics of a service on PostgreSQL alone, and of a service that exports traces.
    private static let absentHere: Set = [
        "paypage_database_beat_age_seconds", "paypage_database_clock_offset_seconds",
        "paypage_database_commits_unconfirmed_total", "paypage_trace_spans_total",
    ]

    private static let dashboards = ["overview", "money", "providers", "webhooks", "database"]
        .map { "deploy/grafana/paypage-\($0).json" }

    private struct Dashboard: Decodable {
        struct Panel: Decodable {
            struct Target: Decodable { let expr: String }
            let title: String
            let targets: [Target]
        }

        let title: String
        let panels: [Panel]
    }

    private struct Alert {
        let name: String
        let text: String

        /// The text behind `key:` in the alert's part of the file.
        func value(_ key: String) -> String? {
            text.firstMatch(of: try! Regex("\(key): (.+)", as: (Substring, Substring).self)).map { String($0.1) }
        }
    }

    private static func alerts() throws -> [Alert] {
        try Repository.text("deploy/alerts.yml").components(separatedBy: "- alert: ").dropFirst().map { part in
            Alert(name: String(part.prefix { !$0.isNewline }), text: part)
        }
    }

    private static func expressions() throws -> [String] {
        try dashboards.flatMap { path in
            let board = try JSONDecoder().decode(Dashboard.self, from: Data(Repository.text(path).utf8))
            #expect(!board.panels.isEmpty)
            return board.panels.flatMap { $0.targets.map(\.expr) }
        }
    }

    private func promtool(_ arguments: [String]) async throws {
        let tool = try #require(Tool.promtool.path)
        let run = try await Paypage.run(tool, arguments, in: Repository.root)
        #expect(run.end == .exited(0), "\(run.output)\n\(run.errors)")
    }

    @Test(.needs(.promtool)) func `the alert rules are valid, and each fires on its trouble and is silent without`()
        async throws
    {
        try await promtool(["check", "rules", "deploy/alerts.yml"])
        try await promtool(["test", "rules", "Tests/Alerts/alerts.test.yml"])
    }

    @Test func `each alert has a test of both kinds`() throws {
        let tests = try Repository.text("Tests/Alerts/alerts.test.yml")
        for alert in try Self.alerts() {
            #expect(tests.contains("- name: \(alert.name) fires\n"), "\(alert.name)")
            #expect(tests.contains("- name: \(alert.name) is silent\n"), "\(alert.name)")
        }
    }

    @Test(.needs(.promtool)) func `every expression of the dashboards is valid`() async throws {
        let rules = try Self.expressions().enumerated().map { index, expression in
            let plain = expression.replacing("$__rate_interval", with: "5m").replacing("$job", with: ".*")
                .replacing("$channel", with: ".*")
            return "  - record: panel_\(index)\n    expr: '\(plain.replacing("'", with: "''"))'"
        }
        let file = FileManager.default.temporaryDirectory.appending(path: "paypage-panels-\(UUID()).yml")
        defer { try? FileManager.default.removeItem(at: file) }
        try "groups:\n- name: panels\n  rules:\n\(rules.joined(separator: "\n"))\n"
            .write(to: file, atomically: true, encoding: .utf8)
        #expect(rules.count > 50)
        try await promtool(["check", "rules", file.path(percentEncoded: false)])
    }

    @Test func `each alert has a summary, a description, a severity, and a heading in both runbooks`() throws {
        let runbook = try Repository.text("docs/operations/runbook.md")
        let chinese = try Repository.text("docs/zh/operations/runbook.md")
        let anchors = Set(
            runbook.matches(of: #/(?m)^## (.+)$/#).map { $0.1.lowercased().replacing(" ", with: "-") })
        let alerts = try Self.alerts()
        #expect(alerts.count > 20)
        for alert in alerts {
            #expect(alert.value("summary") != nil && alert.value("description") != nil, "\(alert.name)")
            #expect(["critical", "warning"].contains { alert.text.contains("severity: \($0) }") }, "\(alert.name)")
            let link = try #require(alert.value("runbook")?.split(separator: "#"), "\(alert.name)")
            #expect(link.count == 2 && link[0] == "docs/operations/runbook.md", "\(alert.name)")
            #expect(anchors.contains(String(link[1])), "\(link)")
            #expect(runbook.contains("`\(alert.name)`") && chinese.contains("`\(alert.name)`"), "\(alert.name)")
        }
    }

    @Test func `alerts, dashboards and docs name metrics of the service, and the docs name all`() async throws {
        try await Story.run { story in
            let sandbox = try await story.startSandbox().sandbox
            let service = try await story.startService(sandbox, ["PAYPAGE_BACKUP_DIR": story.folder])
            let text = try await service.call(.get, "/metrics").text
            let exposed = Set(text.matches(of: #/(?m)^# TYPE (\S+) \w+$/#).map { String($0.1) })
            #expect(exposed.count > 30)
            func unknown(_ used: String) -> Set<String> {
                let names = used.matches(of: /\b(paypage|process)_[a-z_]+\b/).map { match in
                    ["_bucket", "_count", "_sum"].first { match.0.hasSuffix($0) && !exposed.contains(String(match.0)) }
                        .map { String(match.0.dropLast($0.count)) } ?? String(match.0)
                }
                return Set(names).subtracting(exposed).subtracting(Self.absentHere)
            }
            #expect(unknown(try Repository.text("deploy/alerts.yml")) == [])
            #expect(unknown(try Self.expressions().joined(separator: "\n")) == [])
            for page in ["docs/operations/monitoring.md", "docs/zh/operations/monitoring.md"] {
                let docs = try Repository.text(page)
                #expect(unknown(docs) == [], "\(page)")
                let missing = exposed.filter { !docs.contains("`\($0)`") }
                #expect(missing == [], "\(page)")
            }
        }
    }
}
