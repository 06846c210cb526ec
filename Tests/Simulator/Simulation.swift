/// Runs worlds one after the other, each from its seed to its end.
public final class Simulation {
    /// The database of the worlds.
    public enum Database: Sendable {
        case sqlite
        /// - Parameter uri: the server. Each simulation makes a database of its own there.
        case postgres(uri: String)
    }

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

    private let database: any SimulatedDatabase

    /// Takes over this process: every job of Swift's concurrency runs on the thread that calls. Throws when the
    /// database can't be made.
    public init(on database: Database) throws {
        JobQueue.shared.install()
        self.database =
            switch database {
            case .sqlite: SimulatedFile()
            case .postgres(let uri): try SimulatedServer(uri: uri)
            }
    }

    /// Deletes the database.
    public func cleanUp() { database.delete() }

    /// Deletes what a simulation of another process left behind when that was ended.
    public static func cleanUp(after pid: Int32, on database: Database) throws {
        guard case .postgres(let uri) = database else { return }
        try SimulatedServer.deleteDatabase(ofProcess: pid, on: uri)
    }

    /// A world for this seed. Throws when the database can't be emptied or opened.
    public func run(seed: UInt64, isTraced: Bool = false) throws -> Outcome {
        try database.empty()
        defer { database.endWorld() }
        let world = try World(seed: seed, isTraced: isTraced, on: database)
        world.run()
        return Outcome(
            seed: seed, failure: world.failure, tally: world.tally, digest: world.trace.digest,
            trace: world.trace.lines)
    }
}
