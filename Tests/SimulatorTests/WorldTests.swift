import Foundation
import StoreTestSupport
import Testing

/// Whole worlds. The target `Simulator` has their parts and their checks.
@Suite(.serialized) struct WorldTests {
    @Test func `a fixed set of seeds keeps every promise, and exercises every listed case`() async throws {
        let run = try await SimulateProgram.run("--from", "100", "--orders", "250")
        #expect(run.status == 0, "\(run.end)")
        for item in [
            "switches", "re-mints", "crashes", "time-outs", "landed after time-out", "lost notices", "payments",
            "payments after a close", "duplicates", "returned payments", "disputed payments", "console refunds",
            "refunds", "refunds by the merchant", "refund requests refused", "refund requests repeated",
            "partial console refunds", "refunds refused for good", "refunds closed", "refunds that came back",
            "refunds retried", "disputes decided", "bills read", "differences", "deliveries",
            "refusals by unknown codes",
            "refunds that needed attention", "orders closed",
            "orders expired", "orders without a channel",
        ] {
            let line = run.output.split(separator: "\n").first { $0.hasSuffix("  \(item)") }
            let count = line.flatMap { Int($0.dropLast(item.count).filter(\.isNumber)) }
            #expect(count ?? 0 > 0, "\(item): \(run.end)")
        }
    }

    @Test func `fresh seeds keep every promise`() async throws {
        // SIMULATOR_SEED=n is where a failure of an earlier run is begun from.
        let named = ProcessInfo.processInfo.environment["SIMULATOR_SEED"]
        let first = named ?? String(UInt64.random(in: 1...1_000_000_000))
        print("simulating fresh seeds from \(first) (SIMULATOR_SEED=\(first) repeats them)")
        let run = try await SimulateProgram.run("--from", first, "--orders", "150")
        #expect(run.status == 0, "\(run.end)")
    }

    @Test(arguments: ["7", "19"])
    func `a seed gives the same trace every time`(_ seed: String) async throws {
        let first = try await SimulateProgram.run("--seed", seed)
        let second = try await SimulateProgram.run("--seed", seed)
        #expect(first.output.contains("digest"))
        #expect(first.output == second.output)
    }

    @Test(StoreKind.needsPostgres) func `worlds on PostgreSQL keep every promise`() async throws {
        let run = try await SimulateProgram.run("--database", "postgresql", "--from", "200", "--orders", "60")
        #expect(run.status == 0, "\(run.end)")
        #expect(run.output.contains("orders in "), "\(run.end)")
    }

    @Test(StoreKind.needsPostgres, arguments: ["7", "100"])
    func `a seed gives the same trace on PostgreSQL as on SQLite`(_ seed: String) async throws {
        let onSQLite = try await SimulateProgram.run("--seed", seed)
        let onPostgres = try await SimulateProgram.run("--database", "postgresql", "--seed", seed)
        #expect(onSQLite.output.contains("digest"))
        #expect(onPostgres.output == onSQLite.output, "\(onPostgres.end)")
    }

    @Test(StoreKind.needsPostgres) func `a simulation deletes its PostgreSQL database at its end`() async throws {
        let run = try await SimulateProgram.run("--database", "postgresql", "--seed", "3")
        #expect(run.output.contains("digest"))
        try await withEmptyPostgres { server in
            let databases = try server.tamper().texts("SELECT datname FROM pg_database")
            #expect(databases.contains(server.name))
            #expect(!databases.contains("paypage_simulator_\(run.process)"))
        }
    }
}
