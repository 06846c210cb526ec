import Foundation

/// One world, run from its seed to its end.
public struct Simulation: Sendable {
    /// What came of it.
    public struct Outcome: Sendable {
        public let seed: UInt64
        public let failure: Failure?
        public let tally: Tally
        /// The same for the same seed.
        public let digest: UInt64
        /// Empty unless it was asked for.
        public let trace: [String]
    }

    /// Where databases are kept: in memory where that is offered, so that a commit costs no disk.
    private static let folder: String = {
        let memory = "/dev/shm"
        let base = FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        return "\(base)/paypage-simulator-\(getpid())"
    }()

    /// Takes over this process: every job of Swift's concurrency runs on the thread that calls.
    public static func takeOver() {
        JobQueue.shared.install()
    }

    /// A world for this seed. Throws when the database can't be made.
    public static func run(seed: UInt64, isTraced: Bool = false) throws -> Outcome {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let world = try World(seed: seed, isTraced: isTraced, databasePath: "\(folder)/paypage.sqlite")
        world.run()
        return Outcome(
            seed: seed, failure: world.failure, tally: world.tally, digest: world.trace.digest,
            trace: world.trace.lines)
    }
}
