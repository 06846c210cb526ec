import Foundation
import PayProviders
import Testing

/// A start reports every problem at once, each with its fix.
@Suite(.serialized, .timeLimit(.minutes(2))) struct StartUpTests {
    @Test func `without keys the service does not start, and lists everything that is missing`() async throws {
        try await withFolder { folder in
            let run = try await Paypage.run(["serve"], in: folder)
            #expect(run.isRefusal)
            for key in ["public.url", "api.keys", "token.secret", "sandbox.enabled"] {
                #expect(run.errors.contains("\(key) ("))
            }
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/paypage.sqlite"))
        }
    }

    @Test func `a start lists every mistake at once, and repeats no secret`() async throws {
        try await withFolder { folder in
            let mistakes = [
                "PAYPAGE_HTTP_PORT": "99999", "PAYPAGE_TOKEN_SECRET": "tooshortsecret",
                "PAYPAGE_DEADLINE_POLICY": "never", "PAYPAGE_ORDER_TTL": "soonish",
                "PAYPAGE_DATABASE_URL": "postgres://u:hunter2@a@db/x", "PAYPAGE_NONSENSE": "1",
            ]
            let run = try await Paypage.run(["serve", "--dev"], settings: mistakes, in: folder)
            #expect(run.isRefusal)
            for variable in mistakes.keys { #expect(run.errors.contains(variable)) }
            #expect(!run.errors.contains("tooshortsecret") && !run.errors.contains("hunter2"))
        }
    }

    @Test func `with --dev the service listens on loopback only`() async throws {
        try await withFolder { folder in
            let open = ["PAYPAGE_HTTP_HOST": "0.0.0.0", "PAYPAGE_HTTP_PORT": "0"]
            let run = try await Paypage.run(["serve", "--dev"], settings: open, in: folder)
            #expect(run.isRefusal)
            #expect(run.errors.contains("http.host") && run.errors.contains("127.0.0.1"))
        }
    }

    @Test func `a port that is in use ends the start with an error`() async throws {
        try await Story.run { story, sandbox, service in
            let settings = ["PAYPAGE_HTTP_PORT": "\(service.port)"].merging(story.database) { $1 }
            for command in [["serve", "--dev"], ["sandbox", "--port", "\(service.port)"]] {
                let run = try await Paypage.run(command, settings: settings, in: story.folder)
                #expect(run.end == .exited(1))
                let words = "Error: port \(service.port) on 127.0.0.1 is already in use; "
                #expect(run.errors.contains(words) && !run.errors.contains("errno"), "\(run.errors)")
            }
            #expect(try await service.firstPay("still_there").status == 201)
        }
    }

    @Test func `an address that can't be used ends the start with an error that names it`() async throws {
        try await withFolder { folder in
            // 192.0.2.0/24 belongs to no machine (RFC 5737), and .invalid resolves nowhere (RFC 2606).
            for (host, words) in [
                ("192.0.2.1", "192.0.2.1 is not an address of this machine"),
                ("paypage.invalid", "host name paypage.invalid cannot be resolved"),
            ] {
                let settings = [
                    "PAYPAGE_HTTP_HOST": host, "PAYPAGE_HTTP_PORT": "0",
                    "PAYPAGE_PUBLIC_URL": "https://pay.example.com",
                    "PAYPAGE_API_KEYS": Service.apiKey, "PAYPAGE_TOKEN_SECRET": Story.tokenSecret,
                    "PAYPAGE_SANDBOX_ENABLED": "true", "PAYPAGE_SANDBOX_BASE_URL": "http://127.0.0.1:9/sandbox",
                    "PAYPAGE_SANDBOX_SECRET": Story.sandboxSecret,
                ]
                let run = try await Paypage.run(["serve"], settings: settings, in: folder)
                #expect(run.end == .exited(1) && run.errors.contains(words), "\(run.errors)")
            }
        }
    }

    @Test(arguments: [
        ("sqlite:missing/paypage.sqlite", "folder does not exist", "missing"), ("sqlite:.", "is a folder", "."),
    ])
    func `a database that can't be opened ends the start with an error that names it`(
        url: String, words: String, name: String
    ) async throws {
        try await withFolder { folder in
            let settings = ["PAYPAGE_HTTP_PORT": "0", "PAYPAGE_DATABASE_URL": url]
            for command in [["serve", "--dev"], ["migrate"]] {
                let run = try await Paypage.run(command, settings: settings, in: folder)
                #expect(run.end == .exited(1), "\(command)")
                for word in words.split(separator: " ") { #expect(run.errors.contains(word), "\(run.errors)") }
                #expect(run.errors.contains(name) && !run.errors.contains("SQLite error"), "\(run.errors)")
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/setpriv")))
    func `a database of root ends the start with an error that names it, its owner and the fix`() async throws {
        try await withFolder { folder in
            _ = try await Paypage.run(["migrate"], in: folder)
            try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder)
            let asNobody = ["--reuid=65534", "--regid=65534", "--clear-groups", try Paypage.executable()]
            let settings = ["PAYPAGE_HTTP_PORT": "0", "PAYPAGE_DATABASE_URL": "sqlite:\(folder)/paypage.sqlite"]
            let run = try await Paypage.run(
                "/usr/bin/setpriv", asNobody + ["serve", "--dev"], settings: settings, in: folder)
            let words = "\(folder)/paypage.sqlite belongs to user id 0, and user id 65534 may not read and write it"
            #expect(run.end == .exited(1) && run.errors.contains(words), "\(run.errors)")
        }
    }

    @Test func `a config file that is missing, or is a folder, is named in the error`() async throws {
        try await withFolder { folder in
            for (path, words) in [("nowhere.yaml", "does not exist"), (folder, "is a folder")] {
                let run = try await Paypage.run(["serve", "--dev", "--config", path], in: folder)
                #expect(run.end == .exited(1) && run.errors.contains("--config \(path): \(words)"), "\(run.errors)")
            }
        }
    }

    @Test func `the version is printed on its own, and logged at the start`() async throws {
        try await withFolder { folder in
            let run = try await Paypage.run(["--version"], in: folder)
            #expect(run.end == .exited(0) && run.output.wholeMatch(of: /\d+\.\d+\.\d+/) != nil, "\(run.output)")
            try await Story.run { _, _, service in
                let lines = service.process.errors.lines
                let version = #""paypage.version":"\#(run.output)""#
                #expect(lines.contains { $0.contains("service starting") && $0.contains(version) }, "\(lines)")
            }
        }
    }

    @Test func `the version is a metric, and no header tells it to strangers`() async throws {
        try await withFolder { folder in
            let version = try await Paypage.run(["--version"], in: folder).output
            try await Story.run { _, _, service in
                let metrics = try await service.call(.get, "/metrics").text
                let line = try #require(metrics.split(separator: "\n").first { $0.hasPrefix("paypage_build_info{") })
                #expect(
                    line.wholeMatch(of: #/paypage_build_info\{swift="[^"]+",version="([0-9.]+)"\} 1/#) != nil, "\(line)"
                )
                #expect(line.contains(#"version="\#(version)""#))
                for path in ["/healthz", "/nowhere", "/v1/payments"] {
                    let reply = try await service.call(.get, path)
                    #expect(reply.header("Server") == "paypage", "\(path)")
                }
            }
        }
    }

    @Test func `migrations are applied once, and a dry run applies none`() async throws {
        try await withFolder { folder in
            let look = try await Paypage.run(["migrate", "--dry-run"], in: folder)
            #expect(look.end == .exited(0) && look.output.contains("pending          v0001_schema"))
            #expect(!FileManager.default.fileExists(atPath: "\(folder)/paypage.sqlite"))
            let first = try await Paypage.run(["migrate"], in: folder)
            #expect(first.end == .exited(0) && first.output.contains("applied now      v0001_schema"))
            let second = try await Paypage.run(["migrate"], in: folder)
            #expect(second.end == .exited(0) && second.output.contains("already applied  v0001_schema"))
            #expect(!second.output.contains("applied now"))
            #expect(first.output.hasSuffix("up to date") && second.output.hasSuffix("up to date"))
        }
    }

    @Test func `a database of a newer release is not changed, and the error has the fix`() async throws {
        try await expectRefused(changing: "v0001_schema", to: "v9001_schema", saying: ["newer", "run that release"])
    }

    @Test func `a database whose migrations were changed by hand is not changed, and the error has the fix`()
        async throws
    {
        try await withFolder { folder in
            _ = try await Paypage.run(["migrate"], in: folder)
            let file = "\(folder)/paypage.sqlite"
            let digest = try #require(try Self.firstDigest(in: file))
            try Self.change(digest, to: String(digest.reversed()), in: file)
            try await expectRefused(in: folder, saying: ["another text", "run the release"])
        }
    }

    @Test func `a file that is no database is not changed, and the error has the fix`() async throws {
        try await withFolder { folder in
            let text = String(repeating: "a shopping list\n", count: 100)
            try text.write(toFile: "\(folder)/paypage.sqlite", atomically: true, encoding: .utf8)
            try await expectRefused(in: folder, saying: ["not an SQLite database", "database.url"])
            #expect(try String(contentsOfFile: "\(folder)/paypage.sqlite", encoding: .utf8) == text)
        }
    }

    @Test(arguments: [
        [], ["serve"], ["sandbox"], ["migrate"], ["orders"], ["orders", "show"],
    ])
    func `every command has help`(_ command: [String]) async throws {
        try await withFolder { folder in
            let run = try await Paypage.run(command + ["--help"], in: folder)
            #expect(run.end == .exited(0))
            #expect(run.output.contains("USAGE: \((["paypage"] + command).joined(separator: " "))"))
        }
    }

    @Test func `a missing order or database is an error that names it`() async throws {
        try await withFolder { folder in
            let none = try await Paypage.run(["orders", "show", "order_1"], in: folder)
            #expect(none.isRefusal && none.errors.contains("no database at"))
            _ = try await Paypage.run(["migrate"], in: folder)
            let unknown = try await Paypage.run(["orders", "show", "order_1"], in: folder)
            #expect(unknown.isRefusal && unknown.errors.contains("has the number order_1"))
        }
    }
}

extension StartUpTests {
    private func expectRefused(changing old: String, to new: String, saying words: [String]) async throws {
        try await withFolder { folder in
            _ = try await Paypage.run(["migrate"], in: folder)
            try Self.change(old, to: new, in: "\(folder)/paypage.sqlite")
            try await expectRefused(in: folder, saying: words)
        }
    }

    private func expectRefused(in folder: String, saying words: [String]) async throws {
        for command in [["serve", "--dev"], ["migrate"]] {
            let run = try await Paypage.run(command, settings: ["PAYPAGE_HTTP_PORT": "0"], in: folder)
            #expect(run.isRefusal, "\(command)")
            for word in words { #expect(run.errors.contains(word), "\(command)") }
        }
    }

    /// Replaces a text in a database file by another of the same length. SQLite stores texts as they are, without
    /// checksums.
    private static func change(_ old: String, to new: String, in file: String) throws {
        var bytes = try Data(contentsOf: URL(filePath: file))
        var changes = 0
        while let found = bytes.range(of: Data(old.utf8)) {
            bytes.replaceSubrange(found, with: Data(new.utf8))
            changes += 1
        }
        try #require(changes > 0)
        try bytes.write(to: URL(filePath: file))
    }

    /// The digest follows the migration's name, which may end in letters of a digest.
    private static func firstDigest(in file: String) throws -> String? {
        let text = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
        return text.firstMatch(of: /v0001_schema([0-9a-f]{64})/).map { String($0.output.1) }
    }
}
