import ArgumentParser
import Foundation
import PayCore
import PostgresStore

/// Measures a store in PostgreSQL without the service around it. `script/bench` starts it, and reads the line that
/// begins with `figures`.
@main
struct StoreBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store-bench", subcommands: [FirstPays.self, PageProofing.self, ListingBesideWriters.self])
}

/// The database that is measured.
struct MeasuredDatabase: ParsableArguments {
    @Option(help: "The URI of a migrated database.")
    var database: String

    @Option(help: "The seconds of the measurement.")
    var seconds = 5

    @Option(help: "The connections that write.")
    var lanes = 2

    @Option(help: "The most decisions that share a commit.")
    var decisionsPerCommit = PostgresLanes.Counts().decisionsPerBatch

    func open() throws -> PostgresLedger {
        guard let address = ServerAddress(database) else {
            throw ValidationError("--database: expected postgresql://USER@HOST/DATABASE")
        }
        return PostgresLedger(
            address, PostgresLanes.Counts(writers: lanes, decisionsPerBatch: decisionsPerCommit))
    }
}

/// The present time of this machine.
func now() -> Instant { Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000)) }

/// A prefix of order numbers that no earlier run has used.
func freshPrefix() -> String { "b\(UInt64(Date().timeIntervalSince1970 * 1_000))" }
