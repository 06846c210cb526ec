import Foundation
import Testing

/// The systemd unit and the Caddyfile, judged by the programs that read them.
@Suite(.timeLimit(.minutes(1))) struct UnitTests {
    @Test(.needs(.systemdAnalyze)) func `systemd reads the unit without a complaint`() async throws {
        try await withFolder { folder in
            // The program is not installed here.
            let unit = try Repository.text("deploy/paypage.service")
                .replacing("/usr/bin/paypage", with: "/bin/true")
            let file = "\(folder)/paypage.service"
            try unit.write(toFile: file, atomically: true, encoding: .utf8)
            let run = try await Self.analyze(["verify", "--man=no", file], in: folder)
            #expect(run.end == .exited(0) && !run.errors.contains("paypage.service"), "\(run.errors)")
        }
    }

    @Test(.needs(.systemdAnalyze)) func `systemd rates the unit's exposure below 2 of 10`() async throws {
        try await withFolder { folder in
            let unit = "\(Repository.root)/deploy/paypage.service"
            let run = try await Self.analyze(
                ["security", "--no-pager", "--offline=true", "--threshold=20", unit], in: folder)
            #expect(run.end == .exited(0), "\(run.output)")
        }
    }

    private static func analyze(_ arguments: [String], in folder: String) async throws -> Paypage.Run {
        try await Paypage.run(try #require(Tool.systemdAnalyze.path), arguments, in: folder)
    }

    @Test(.needs(.caddy)) func `Caddy accepts its sample`() async throws {
        try await withFolder { folder in
            let arguments = ["validate", "--adapter", "caddyfile", "--config", "\(Repository.root)/deploy/Caddyfile"]
            let run = try await Paypage.run(try #require(Tool.caddy.path), arguments, in: folder)
            #expect(run.end == .exited(0), "\(run.errors)")
        }
    }
}
