import ArgumentParser
import Foundation
import Simulator

/// Runs worlds one after the other, and tells its foreman of them, a line each time.
struct Worker {
    /// Worlds between two lines: often enough for a person who waits.
    private static let worldsPerLine = 10

    let first: UInt64
    let stride: UInt64
    let orders: Int
    let keepsGoing: Bool
    let database: Simulation.Database

    func run() throws {
        let simulation = try Simulation(on: database)
        defer { simulation.cleanUp() }
        var tally = Tally()
        var done = 0
        var worlds = 0
        var seed = first
        while done < orders {
            tell("seed \(seed)")
            let outcome = try simulation.run(seed: seed)
            worlds += 1
            done += max(1, outcome.tally[.orders])
            tally += outcome.tally
            if let failure = outcome.failure {
                tell("failed \(seed) \(failure.check.rawValue): \(failure.explanation)")
            }
            let isOver = done >= orders || (outcome.failure != nil && !keepsGoing)
            if isOver || worlds % Self.worldsPerLine == 0 {
                tell("tally \(tally.line)")
                tally = Tally()
            }
            if isOver { return }
            seed += stride
        }
    }
}
