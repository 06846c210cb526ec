import ArgumentParser
import Foundation
import Simulator

/// The database that the worlds run on.
struct DatabaseOption: ParsableArguments {
    /// Names the server in the environment: a command line is no place for a password.
    static let serverVariable = "PAYPAGE_TEST_POSTGRES"

    @Option(
        help: ArgumentHelp(
            "The database: sqlite, postgresql, or a server's postgresql:// URI.",
            discussion: "postgresql is the server in \(serverVariable). Each worker makes a database of its own there.")
    )
    var database = "sqlite"

    func validate() throws { _ = try chosen() }

    func chosen() throws -> Simulation.Database {
        switch database {
        case "sqlite": return .sqlite
        case "postgresql":
            guard let uri = ProcessInfo.processInfo.environment[Self.serverVariable] else {
                throw ValidationError("--database postgresql needs a server's URI in \(Self.serverVariable)")
            }
            return .postgres(uri: uri)
        case let uri where uri.hasPrefix("postgresql://") || uri.hasPrefix("postgres://"):
            return .postgres(uri: uri)
        default:
            // Not quoted: it may be a URI with a password.
            throw ValidationError("--database: invalid value; expected sqlite, postgresql or a postgresql:// URI")
        }
    }
}

extension Simulation.Database {
    /// The arguments by which a worker gets the same database.
    var words: [String] {
        switch self {
        case .sqlite: []
        case .postgres: ["--database", "postgresql"]
        }
    }

    /// The environment of a worker.
    var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        if case .postgres(let uri) = self { environment[DatabaseOption.serverVariable] = uri }
        return environment
    }
}
