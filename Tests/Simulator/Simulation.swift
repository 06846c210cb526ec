import Foundation
import SQLiteStore

/// One world, run from its seed to its end.
public struct Simulation: Sendable {
    /// The result of a world.
    public struct Outcome: Sendable {
        public let seed: UInt64
        public let failure: Failure?
        public let tally: Tally
        /// The same for the same seed.
        public let digest: UInt64
        /// Empty unless it was asked for.
        public let trace: [String]
    }

    /// The folder of the databases: in memory if possible, so that a commit costs no disk.
    private static let base =
        FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    private static let prefix = "paypage-simulator-"
    private static let folder = "\(base)/\(prefix)\(getpid())"

    /// Takes over this process: every job of Swift's concurrency runs on the thread that calls.
    public static func takeOver() {
        JobQueue.shared.install()
        removeWhatTheDeadLeft()
    }

    /// A simulator that was killed left its database behind, in memory.
    private static func removeWhatTheDeadLeft() {
        let files = FileManager.default
        for name in (try? files.contentsOfDirectory(atPath: base)) ?? [] where name.hasPrefix(prefix) {
            let pid = name.dropFirst(prefix.count)
            if !files.fileExists(atPath: "/proc/\(pid)") { try? files.removeItem(atPath: "\(base)/\(name)") }
        }
    }

    /// Removes what worlds left behind.
    public static func cleanUp() {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// A world for this seed. Throws when the database can't be made.
    public static func run(seed: UInt64, isTraced: Bool = false) throws -> Outcome {
        let files = FileManager.default
        let empty = "\(folder)/empty.sqlite"
        if !files.fileExists(atPath: empty) {
            try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
            // Migrations take longer than a small world: they are applied once, and each world has a copy.
            try SQLiteLedger(path: empty).close()
        }
        let path = "\(folder)/world.sqlite"
        for suffix in ["", "-wal", "-shm"] { try? files.removeItem(atPath: path + suffix) }
        try files.copyItem(atPath: empty, toPath: path)
        let world = try World(seed: seed, isTraced: isTraced, databasePath: path)
        world.run()
        return Outcome(
            seed: seed, failure: world.failure, tally: world.tally, digest: world.trace.digest,
            trace: world.trace.lines)
    }
}
