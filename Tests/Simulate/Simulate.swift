import ArgumentParser
import Foundation
import Simulator

/// Runs worlds from seeds: one with its trace, or many on every core.
@main
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Simulates orders over the real flows and the real database, and checks that no money is lost.")

    @Option(help: "Replay this seed, and print its trace.")
    var seed: UInt64?

    @Option(help: "Run worlds until so many orders were simulated.")
    var orders = 10_000

    @Option(help: "The first seed; a fresh one unless given. The others follow it.")
    var from: UInt64?

    @Option(help: "So many worlds at a time; as many as there are cores unless given.")
    var workers: Int?

    @OptionGroup var database: DatabaseOption

    @Flag(help: "Go on after a failure.")
    var keepGoing = false

    @Option(help: .hidden)
    var stride: UInt64?

    func run() throws {
        try Surroundings.ensure()
        let database = try database.chosen()
        if let seed {
            try replay(seed, on: database)
        } else if let from, let stride {
            try Worker(first: from, stride: stride, orders: orders, keepsGoing: keepGoing, database: database).run()
        } else {
            let first = from ?? UInt64.random(in: 1...1_000_000_000)
            let count = workers ?? ProcessInfo.processInfo.activeProcessorCount
            try Foreman(
                first: first, workers: count, orders: orders, keepsGoing: keepGoing, database: database
            ).run()
        }
    }

    private func replay(_ seed: UInt64, on database: Simulation.Database) throws {
        let simulation = try Simulation(on: database)
        defer { simulation.cleanUp() }
        let outcome = try simulation.run(seed: seed, isTraced: true)
        for line in outcome.trace { print(line) }
        let items = Tally.Item.allCases.filter { outcome.tally[$0] > 0 }
        print(items.map { "\($0.rawValue) \(outcome.tally[$0])" }.joined(separator: ", "))
        print("seed \(seed), digest \(String(outcome.digest, radix: 16))")
        guard let failure = outcome.failure else { return }
        print("FAILED \(failure.check.rawValue): \(failure.explanation)")
        throw ExitCode.failure
    }
}
