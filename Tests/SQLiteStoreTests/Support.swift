import Foundation
import GRDB
import LedgerSQL
import SQLiteStore
import Testing

/// A database file in a folder of its own, which goes with the test.
struct Scratch {
    let folder: URL

    var path: String { folder.appendingPathComponent("paypage.sqlite").path }

    func ledger() throws -> SQLiteLedger { try SQLiteLedger(path: path) }

    /// A second connection, as somebody with a shell would have.
    func connection() throws -> DatabaseQueue { try DatabaseQueue(path: path) }

    /// The same, which may keep a transaction open.
    func holder() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        return try DatabaseQueue(path: path, configuration: configuration)
    }
}

func withScratch<Value>(_ body: (Scratch) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("paystore-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(Scratch(folder: folder))
}

extension DatabaseQueue {
    func number(_ sql: String) throws -> Int64? { try read { try Int64.fetchOne($0, sql: sql) } }

    func texts(_ sql: String) throws -> [String] { try read { try String.fetchAll($0, sql: sql) } }

    /// Changes when another connection has committed a change.
    func dataVersion() throws -> Int64? { try unsafeRead { try Int64.fetchOne($0, sql: "PRAGMA data_version") } }
}
