import Foundation
package import PayCore
package import PayFlow
import PostgresStore
import SQLiteStore
import Synchronization

/// A database of a test.
package final class TestDatabase: Sendable {
    package let kind: StoreKind
    /// A file's path, or a server's address.
    package let address: String
    private let name: String
    private let stores = Mutex<[any Store]>([])

    init(_ kind: StoreKind) throws {
        self.kind = kind
        name = "paypage_test_\(UUID().uuidString.lowercased().filter { $0 != "-" })"
        switch kind {
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            address = folder.appendingPathComponent("paypage.sqlite").path
            try Schema.migrate(at: address)
        case .postgres:
            address = try PostgresServer.uri(of: name)
            try PostgresTemplate.copy(to: name)
        }
    }

    /// A store with connections of its own, as another process has.
    package func open() async throws -> any Store {
        let store: any Store =
            switch kind {
            case .sqlite: try SQLiteLedger(path: address)
            case .postgres: PostgresLedger(try serverAddress())
            }
        stores.withLock { $0.append(store) }
        return store
    }

    private func serverAddress() throws -> ServerAddress {
        guard let server = ServerAddress(address) else {
            throw Refusal(kind: .other, rule: "", message: "libpq can't read the address of the test's server")
        }
        return server
    }

    /// A copy of an SQLite database as it is now, while stores write into it. It is deleted with this database.
    package func backUp() throws -> String {
        let copy = address + ".copy"
        _ = try FileBackup.make(of: address, at: copy)
        return copy
    }

    /// A store with the database that was restored from a copy, in the place of this one.
    package func restore(_ copy: String, by author: Actor, at now: Instant) async throws -> any Store {
        let restored = address + ".restored"
        _ = try await FileBackup.restore(
            copy, to: restored, number: nil, audit: AuditNote(author, .databaseRestored, on: "the copy"), at: now)
        let store = try SQLiteLedger(path: restored)
        stores.withLock { $0.append(store) }
        return store
    }

    /// Removes the database of ``restore(_:by:at:)``, as an operator does before another restore.
    package func removeRestored() throws {
        for suffix in ["", "-wal", "-shm"] {
            let path = address + ".restored" + suffix
            if FileManager.default.fileExists(atPath: path) { try FileManager.default.removeItem(atPath: path) }
        }
    }

    package func tamper() throws -> any Tamper {
        switch kind {
        case .sqlite: try SQLiteTamper(path: address)
        case .postgres: try PostgresTamper(uri: address)
        }
    }

    func delete() async throws {
        for store in stores.withLock({ $0 }) { try await store.close() }
        switch kind {
        case .sqlite:
            try FileManager.default.removeItem(at: URL(filePath: address).deletingLastPathComponent())
        case .postgres:
            try PostgresTemplate.drop(name)
        }
    }
}
