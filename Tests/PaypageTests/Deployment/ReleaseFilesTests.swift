import ArgumentParser
import Foundation
import PayTelemetry
import Testing

@testable import paypage

@Suite struct ReleaseFilesTests {
    @Test(arguments: ["Package.swift", "Benchmarks/Package.swift"])
    func `every dependency is pinned to one version`(manifest: String) throws {
        let lines = try Repository.lines(manifest).filter { $0.hasPrefix(".package(") }
        #expect(!lines.isEmpty)
        for line in lines { #expect(line.contains(/, exact: "\d+\.\d+\.\d+"/), "\(line)") }
    }

    @Test func `the benchmarks use the versions of the service`() throws {
        let service = try Repository.text("Package.swift")
        for line in try Repository.lines("Benchmarks/Package.swift") where line.hasPrefix(".package(") {
            #expect(service.contains(line), "\(line)")
        }
    }

    @Test func `the changelog has an entry for this version`() throws {
        #expect(try Repository.text("CHANGELOG.md").contains(Version.current))
    }

    @Test func `the man page names every command`() throws {
        let page = try Repository.text("deploy/paypage.1")
        for command in Paypage.configuration.subcommands where command.configuration.shouldDisplay {
            let name = command._commandName
            #expect(page.contains("\n.TP\n.B \(name)\n"), "\(name)")
        }
    }
}

/// The systemd unit, by its text. ``UnitTests`` lets systemd judge it.
@Suite struct UnitFileTests {
    private static func values(_ key: String) throws -> [String] {
        try Repository.lines("deploy/paypage.service").filter { $0.hasPrefix("\(key)=") }
            .map { String($0.dropFirst(key.count + 1)) }
    }

    @Test func `the unit starts the service with options that the program has`() throws {
        let words = try #require(try Self.values("ExecStart").first).split(separator: " ").map(String.init)
        #expect(words.first == "/usr/bin/paypage")
        let serve = try #require(try Paypage.parseAsRoot(Array(words.dropFirst())) as? Serve)
        #expect(serve.config == "/etc/paypage/paypage.yaml" && serve.log.format == .json && !serve.dev)
    }

    @Test func `the unit's limits are those of the program`() throws {
        #expect(try Self.values("Type") == ["notify"])
        #expect(try Self.values("LimitNOFILE") == ["\(OpenFileLimit.wanted)"])
        let stop = try #require(try Self.values("TimeoutStopSec").first.flatMap { Int($0) })
        #expect(Duration.seconds(stop) >= Serve.longestShutdown + .seconds(5))
    }

    @Test func `the unit's folder is that of the database in the sample settings`() throws {
        #expect(try Self.values("StateDirectory") == ["paypage"])
        #expect(
            try Repository.lines("deploy/paypage.yaml").contains("database.url: sqlite:/var/lib/paypage/paypage.sqlite")
        )
    }
}

/// The Dockerfile and the Compose file: everything that they name exists. They can't be built here.
@Suite struct ContainerFilesTests {
    /// The instructions of the Dockerfile, with continued lines joined.
    private static func instructions() throws -> [(name: String, text: String)] {
        try Repository.text("deploy/Dockerfile").replacing("\\\n", with: " ").split(separator: "\n")
            .filter { !$0.hasPrefix("#") }
            .map { line in
                let name = line.prefix { $0 != " " }
                return (String(name), line.dropFirst(name.count).trimmingCharacters(in: .whitespaces))
            }
    }

    private static func texts(_ name: String) throws -> [String] {
        try instructions().filter { $0.name == name }.map(\.text)
    }

    private static func packages(_ run: String) -> Set<String> {
        guard let install = run.range(of: "--no-install-recommends ") else { return [] }
        let words = run[install.upperBound...].prefix { $0 != "&" }.split(separator: " ")
        return Set(words.map(String.init))
    }

    /// The strings of a JSON array.
    private static func words(_ json: String) throws -> [String] {
        try JSONDecoder().decode([String].self, from: Data(json.utf8))
    }

    @Test func `the image copies paths that exist, and all that the manifest names`() throws {
        let copies = try Self.texts("COPY").map { $0.split(separator: " ").map(String.init) }
        let ours = copies.filter { !$0[0].hasPrefix("--from") }.map { $0[0] }
        for path in ours { #expect(Repository.exists(path), "\(path)") }
        let manifest = try Repository.text("Package.swift")
        let folders = Set(
            manifest.matches(of: /path: "([A-Za-z]+)/).map { String($0.output.1) } + ["Sources", "Tests"])
        #expect(folders.subtracting(ours) == [])
    }

    @Test func `the image installs the packages of script/bootstrap, and at run time their libraries`() throws {
        let bootstrap = try Repository.text("script/bootstrap")
        let runs = try Self.texts("RUN").map(Self.packages).filter { !$0.isEmpty }
        try #require(runs.count == 2)
        for package in runs[0] { #expect(bootstrap.contains(package), "\(package)") }
        let libraries = [
            "libsqlite3-dev": "libsqlite3-0", "libpq-dev": "libpq5", "libcurl4-openssl-dev": "libcurl4",
            "libqrencode-dev": "libqrencode4",
            "libpng-dev": "libpng16-16", "zlib1g-dev": "zlib1g",
        ]
        #expect(Set(libraries.keys) == runs[0].filter { $0.hasPrefix("lib") || $0.hasPrefix("zlib") })
        #expect(Set(libraries.values) == runs[1].filter { $0.hasPrefix("lib") || $0.hasPrefix("zlib") })
        #expect(runs[1].contains("ca-certificates"))
    }

    @Test func `the image runs the service as another user than root, with known settings and options`() throws {
        let user = try #require(try Self.texts("USER").last)
        #expect(user.wholeMatch(of: /[1-9]\d{3,}:[1-9]\d{3,}/) != nil)
        let uid = user.prefix { $0 != ":" }
        #expect(try Self.texts("RUN").contains { $0.contains("--uid \(uid) ") })
        let environment = try Self.texts("ENV").joined(separator: " ")
        let settings = environment.matches(of: /(PAYPAGE_[A-Z_]+)=(\S+)/).map {
            (variable: String($0.output.1), value: String($0.output.2))
        }
        #expect(settings.count == 3)
        for setting in settings { #expect(SettingName.name(ofVariable: setting.variable) != nil, "\(setting)") }
        let port = try #require(settings.first { $0.variable == "PAYPAGE_HTTP_PORT" }).value
        #expect(try Self.texts("EXPOSE") == [port])
        let check = try #require(try Self.texts("HEALTHCHECK").first)
        #expect(check.contains("http://127.0.0.1:\(port)/healthz"))
        let volume = try #require(try Self.texts("VOLUME").first)
        #expect(settings.contains { $0.value == "sqlite:\(volume)/paypage.sqlite" })
        #expect(try Self.texts("STOPSIGNAL") == ["SIGTERM"])
        #expect(try Self.texts("ENTRYPOINT").map(Self.words) == [["/usr/bin/paypage"]])
        let command = try Self.words(try #require(try Self.texts("CMD").first))
        #expect(try Paypage.parseAsRoot(command) is Serve)
    }

    @Test func `the Compose file names known settings, and a sandbox that the service reaches`() throws {
        let compose = try Repository.text("deploy/compose.yaml")
        let variables = compose.matches(of: /\n      (PAYPAGE_[A-Z_]+): (.*)/)
        #expect(variables.count == 7)
        for variable in variables {
            #expect(SettingName.name(ofVariable: String(variable.output.1)) != nil, "\(variable.output.1)")
        }
        let command = try Self.words(String(try #require(compose.firstMatch(of: /command: (\[.*\])/)).output.1))
        let sandbox = try #require(try Paypage.parseAsRoot(command) as? RunSandbox)
        // The sandbox listens on loopback, so both share one network.
        #expect(compose.contains("network_mode: service:paypage"))
        #expect(compose.contains("PAYPAGE_SANDBOX_BASE_URL: http://127.0.0.1:\(sandbox.port)/sandbox"))
        #expect(compose.contains("dockerfile: deploy/Dockerfile"))
        let grace = try #require(compose.firstMatch(of: /stop_grace_period: (\d+)s/)?.output.1).description
        #expect(Duration.seconds(Int(grace) ?? 0) >= Serve.longestShutdown + .seconds(5))
        for secret in ["PAYPAGE_API_KEYS", "PAYPAGE_TOKEN_SECRET", "PAYPAGE_SANDBOX_SECRET"] {
            #expect(compose.contains("\(secret): ${\(secret):?"), "\(secret) must not have a default")
        }
    }
}

/// The samples of reverse proxies, by their text. NginxSampleTests lets nginx run its sample.
@Suite struct ProxySampleTests {
    @Test(arguments: ["deploy/nginx.conf", "deploy/Caddyfile"])
    func `the sample forwards to the default port, and hides the metrics`(path: String) throws {
        let sample = try Repository.text(path)
        let port = try #require(SettingKey.httpPort.standard)
        #expect(sample.contains("127.0.0.1:\(port)") && sample.contains("/metrics"))
        #expect(sample.contains("http.trusted.proxies") && sample.contains("public.url"))
        let open = sample.filter { $0 == "{" }.count
        #expect(open > 0 && open == sample.filter { $0 == "}" }.count)
    }
}
