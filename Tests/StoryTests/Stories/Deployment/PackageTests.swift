import Foundation
import PayProviders
import Testing

/// The program as it is released, where the environment names it.
enum ReleaseBinary {
    static let path = ProcessInfo.processInfo.environment["PAYPAGE_RELEASE_BINARY"]
}

/// The Debian package, made by script/package from the release binary, in a clean Debian: installed, started, upgraded,
/// removed and purged.
///
/// `PAYPAGE_RELEASE_BINARY` names the release binary. The debug binary needs Swift's shared libraries, which Debian lacks.
@Suite(
    .serialized, .timeLimit(.minutes(6)), .needs(.shlibdeps),
    .enabled(if: ReleaseBinary.path != nil, "PAYPAGE_RELEASE_BINARY does not name the release binary")
)
struct PackageTests {
    @Test func `the same commit and binary make the same package`() async throws {
        try await withFolder { folder in
            let package = try await Self.makePackage(in: "\(folder)/one")
            let again = try await Self.makePackage(in: "\(folder)/two")
            #expect(FileManager.default.contentsEqual(atPath: package, andPath: again))
        }
    }

    @Test func `the image's libraries are those that the package depends on`() async throws {
        try await withFolder { folder in
            let package = try await Self.makePackage(in: folder)
            let depends = try await Host.run(["dpkg-deb", "--field", package, "Depends"])
            let libraries = depends.split(separator: ",").map { $0.split(separator: " ")[0] }
            // In every Debian image, because apt needs them.
            let present: Set<Substring> = ["adduser", "libc6", "libgcc-s1", "libstdc++6", "zlib1g"]
            let image = try Repository.text("deploy/Dockerfile")
            for library in libraries where !present.contains(library) {
                #expect(image.contains(" \(library) "), "\(library)")
            }
        }
    }

    @Test(
        .needsRoot, .needs(.debootstrap),
        .enabled(if: CleanDebian.isRelease, "this machine is not Debian \(CleanDebian.release)"),
        .enabled("the Debian mirror does not answer", CleanDebian.mirrorAnswers)
    ) func `a clean Debian installs it, takes a payment, upgrades it, and keeps the database on purge`() async throws {
        try await Story.run { story in
            let debian = try await CleanDebian.make(in: story.folder)
            let (_, sandbox) = try await story.startSandbox()

            let package = try await Self.makePackage(in: story.folder)
            let installed = try await debian.install(package)
            #expect(installed.contains("Edit /etc/paypage/paypage.yaml"), "\(installed)")
            try await debian.expectLayout()

            // As the sample is, it lacks what only the operator knows: the start says so.
            let unconfigured = try await debian.runService(story)
            #expect(unconfigured.errors.contains("public.url") && unconfigured.errors.contains("api.keys"))

            let port = try FreePort.find()
            try await debian.configure(port: port, sandbox: sandbox.client.base)
            let settings = try debian.text("/etc/paypage/paypage.yaml")
            var service = try await debian.startService(port, story)
            #expect(try await service.firstPay("packaged").status == 201)
            #expect(try await service.call(.get, "/readyz").status == 200)
            let owner = try await debian.run(["stat", "-c", "%U %a", CleanDebian.database])
            #expect(owner == "paypage 600")
            try await debian.stop(service)

            let newer = try await Self.makePackage(in: story.folder, version: "99.0.0")
            _ = try await debian.install(newer)
            #expect(
                try await debian.run(["dpkg-query", "--show", "--showformat", "${Version}", "paypage"]) == "99.0.0")
            #expect(try debian.text("/etc/paypage/paypage.yaml") == settings)
            try await debian.expectLayout()
            service = try await debian.startService(port, story)
            let repay = try await service.repay("packaged")
            #expect(repay.status == 200 && repay.cacheStatus?.hasPrefix("paypage; hit") == true, "\(repay.text)")
            try await debian.stop(service)

            let before = try Data(contentsOf: URL(filePath: debian.path(CleanDebian.database)))
            _ = try await debian.run(["apt-get", "remove", "--yes", "--quiet", "paypage"])
            #expect(!debian.has("/usr/bin/paypage") && !debian.has("/lib/systemd/system/paypage.service"))
            #expect(try debian.text("/etc/paypage/paypage.yaml") == settings)

            let purged = try await debian.run(["apt-get", "purge", "--yes", "--quiet", "paypage"])
            #expect(purged.contains("/var/lib/paypage is kept"), "\(purged)")
            #expect(!debian.has("/etc/paypage/paypage.yaml"))
            #expect(!debian.has("/etc/systemd/system/multi-user.target.wants/paypage.service"))
            #expect(try Data(contentsOf: URL(filePath: debian.path(CleanDebian.database))) == before)
        }
    }

    private static func makePackage(in folder: String, version: String? = nil) async throws -> String {
        let more = version.map { ["--version", $0] } ?? []
        let output = try await Host.run(
            ["\(Repository.root)/script/package", "--binary", try #require(ReleaseBinary.path), "--output", folder]
                + more)
        return try #require(output.split(separator: "\n").last.map(String.init))
    }
}

/// Programs of this machine that must succeed.
enum Host {
    /// - Returns: what the program wrote to its output and errors.
    static func run(_ words: [String], within limit: Duration = .seconds(240)) async throws -> String {
        let process = try ChildProcess(
            "/usr/bin/env", words, environment: Paypage.environment(["LC_ALL": "C.UTF-8"]), folder: "/")
        defer { process.signal(SIGKILL) }
        let end = try await process.waitForEnd(within: limit)
        let text = try await (process.output.all() + process.errors.all()).joined(separator: "\n")
        guard end == .exited(0) else {
            throw ChildProcess.NotStarted(description: "\(words.joined(separator: " ")): \(end)\n\(text.suffix(4_000))")
        }
        return text
    }
}

/// A minimal Debian in a folder, made by debootstrap.
struct CleanDebian {
    static let database = "/var/lib/paypage/paypage.sqlite"
    /// The release that the package is built for: the libraries of the machine that builds it.
    static let release = "bookworm"
    private static let mirror = "http://deb.debian.org/debian"
    private let root: String

    static var isRelease: Bool {
        let system = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
        return system.split(separator: "\n").contains("VERSION_CODENAME=\(release)")
    }

    static func mirrorAnswers() async -> Bool {
        let address = "\(mirror)/dists/\(release)/Release"
        let request = ["curl", "--silent", "--fail", "--head", "--max-time", "20", address]
        return (try? await Host.run(request)) != nil
    }

    static func make(in folder: String) async throws -> CleanDebian {
        let root = "\(folder)/debian"
        _ = try await Host.run(["debootstrap", "--variant=minbase", release, root, mirror])
        let debian = CleanDebian(root: root)
        // Nothing that a package installs is started: there is no systemd, and invoke-rc.d asks this file.
        try "#!/bin/sh\nexit 101\n".write(
            toFile: debian.path("/usr/sbin/policy-rc.d"), atomically: true, encoding: .utf8)
        _ = try await Host.run(["chmod", "755", debian.path("/usr/sbin/policy-rc.d")])
        // For another user to reach the folder through the test's own.
        _ = try await Host.run(["chmod", "755", folder])
        return debian
    }

    func path(_ inside: String) -> String { root + inside }

    /// Doesn't follow a link: an absolute one leads out of the folder.
    func has(_ inside: String) -> Bool { (try? FileManager.default.attributesOfItem(atPath: path(inside))) != nil }

    func text(_ inside: String) throws -> String { try String(contentsOfFile: path(inside), encoding: .utf8) }

    /// Runs a program inside as root, and gives what it wrote.
    func run(_ words: [String]) async throws -> String {
        try await Host.run(Self.inside(root) + ["DEBIAN_FRONTEND=noninteractive"] + words)
    }

    /// In a mount namespace, so that `/proc` goes with the program.
    private static func inside(_ root: String) -> [String] {
        let mount =
            #"mount -t proc proc "$0/proc" && exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@""#
        return ["unshare", "--mount", "sh", "-c", mount, root]
    }

    func install(_ package: String) async throws -> String {
        let name = "/tmp/\(URL(filePath: package).lastPathComponent)"
        try? FileManager.default.removeItem(atPath: path(name))
        try FileManager.default.copyItem(atPath: package, toPath: path(name))
        return try await run(["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", name])
    }

    func expectLayout() async throws {
        let paths = [
            "/usr/bin/paypage", "/etc/paypage", "/etc/paypage/paypage.yaml", "/var/lib/paypage",
            "/lib/systemd/system/paypage.service",
        ]
        let found = try await run(["stat", "-c", "%U:%G %a %n"] + paths)
        #expect(
            found.split(separator: "\n") == [
                "root:root 755 /usr/bin/paypage", "root:paypage 750 /etc/paypage",
                "root:paypage 640 /etc/paypage/paypage.yaml", "paypage:paypage 700 /var/lib/paypage",
                "root:root 644 /lib/systemd/system/paypage.service",
            ])
        #expect(has("/etc/systemd/system/multi-user.target.wants/paypage.service"), "enabled for the next boot")
        for file in ["copyright", "changelog.gz", "examples/nginx.conf", "examples/Caddyfile"] {
            #expect(has("/usr/share/doc/paypage/\(file)"), "\(file)")
        }
        for file in ["alerts.yml", "grafana/paypage-overview.json"] {
            #expect(has("/usr/share/paypage/\(file)"), "\(file)")
        }
        let user = try await run(["getent", "passwd", "paypage"])
        #expect(user.hasSuffix(":/var/lib/paypage:/usr/sbin/nologin"), "\(user)")
    }

    /// As an operator does: secrets into paypage.env, the rest into paypage.yaml.
    func configure(port: Int, sandbox: String) async throws {
        let settings = try text("/etc/paypage/paypage.yaml")
            .replacing("# public.url: https://pay.example.com", with: "public.url: http://127.0.0.1:\(port)")
            .replacing("http.port: 8080", with: "http.port: \(port)")
        let more = "\nsandbox.enabled: true\nsandbox.base.url: \(sandbox)\n"
        let handle = try FileHandle(forWritingTo: URL(filePath: path("/etc/paypage/paypage.yaml")))
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data((settings + more).utf8))
        try handle.close()
        try """
        PAYPAGE_API_KEYS=\(Service.apiKey)
        PAYPAGE_TOKEN_SECRET=\(Story.tokenSecret)
        PAYPAGE_SANDBOX_SECRET=\(Story.sandboxSecret)

        """.write(toFile: path("/etc/paypage/paypage.env"), atomically: true, encoding: .utf8)
        let process = try await run(["chmod", "600", "/etc/paypage/paypage.env"])
        #expect(process.isEmpty)
    }

    /// The unit's own command line, as its user, in its folder, with its environment file.
    private func command() throws -> [String] {
        let unit = try text("/lib/systemd/system/paypage.service").split(separator: "\n")
        let start = try #require(unit.first { $0.hasPrefix("ExecStart=") }).dropFirst("ExecStart=".count)
        let variables = (try? text("/etc/paypage/paypage.env").split(separator: "\n").map(String.init)) ?? []
        let asUser = ["setpriv", "--reuid=paypage", "--regid=paypage", "--clear-groups", "--no-new-privs"]
        return Self.inside(root) + variables + ["env", "-C", "/var/lib/paypage"] + asUser
            + start.split(separator: " ").map(String.init)
    }

    func runService(_ story: Story) async throws -> Paypage.Run {
        try await Paypage.run("/usr/bin/env", try command(), in: story.folder)
    }

    func startService(_ port: Int, _ story: Story) async throws -> Service {
        let process = try story.start("/usr/bin/env", try command(), [:])
        _ = try await process.errors.first("the service listens") { $0.contains("service listening") ? $0 : nil }
        return Service(process: process, port: port, client: story.client(base: "http://127.0.0.1:\(port)"))
    }

    /// The process is `env`, `unshare`, `sh` and `chroot` in turn, each of which becomes the next: the pid is the service's.
    func stop(_ service: Service) async throws {
        service.process.signal(SIGTERM)
        #expect(try await service.process.waitForEnd() == .exited(0))
    }
}
