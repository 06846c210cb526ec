import Foundation
import Testing

/// Whole worlds. What a world is made of, and what is checked in it, is told by the target `Simulator`.
@Suite(.serialized) struct WorldTests {
    @Test func `a fixed set of seeds keeps every promise`() async throws {
        let run = try await SimulateProgram.run("--from", "1", "--orders", "300")
        #expect(run.status == 0, "\(run.end)")
    }

    @Test func `fresh seeds keep every promise`() async throws {
        // SIMULATOR_SEED=n is where a failure of an earlier run is begun from.
        let named = ProcessInfo.processInfo.environment["SIMULATOR_SEED"]
        let first = named ?? String(UInt64.random(in: 1...1_000_000_000))
        print("simulating fresh seeds from \(first) (SIMULATOR_SEED=\(first) repeats them)")
        let run = try await SimulateProgram.run("--from", first, "--orders", "200")
        #expect(run.status == 0, "\(run.end)")
    }

    @Test(arguments: ["7", "19"])
    func `a seed is the same world each time, to the last line of its trace`(_ seed: String) async throws {
        let first = try await SimulateProgram.run("--seed", seed)
        let second = try await SimulateProgram.run("--seed", seed)
        #expect(first.output.contains("digest"))
        #expect(first.output == second.output)
    }

    @Test func `what a run claims to exercise really happens`() async throws {
        let run = try await SimulateProgram.run("--from", "1000", "--orders", "150")
        for item in [
            "switches", "crashes", "time-outs", "re-mints", "payments", "landed after time-out", "orders expired",
        ] {
            let line = run.output.split(separator: "\n").first { $0.hasSuffix("  \(item)") }
            #expect(line.flatMap { Int($0.dropLast(item.count).filter(\.isNumber)) } ?? 0 > 0, "\(item): \(run.end)")
        }
    }
}
