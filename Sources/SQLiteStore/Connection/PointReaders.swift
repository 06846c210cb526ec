import CSQLite
import Foundation
import GRDB
import Synchronization

/// Connections for point lookups on the caller's own thread.
///
/// A point lookup takes microseconds, and the hop to another thread takes twice as long. It may run on one of the few
/// threads of Swift's pool, because it waits for no lock: only for the disk, if a page is not in the kernel's cache,
/// and for other lookups on the same connection. Longer reads belong to the readers of the pool, and are awaited.
final class PointReaders: Sendable {
    /// More threads seldom read at once: not worth the memory.
    private static let mostConnections = 4

    private let connections: [Connection]
    private let turn = Atomic<UInt>(0)

    private final class Connection: Sendable {
        private let queue: DatabaseQueue
        private let known = KnownStatements()
        /// Held during a lookup, so that another one can see that it would wait.
        private let use = NSLock()

        init(_ queue: DatabaseQueue) { self.queue = queue }

        func find<Value>(_ look: (FileConnection) throws -> Value) throws -> Value {
            use.lock()
            defer { use.unlock() }
            return try found(look)
        }

        /// Nil if the connection is in use.
        func findIfFree<Value>(_ look: (FileConnection) throws -> Value) throws -> Value? {
            guard use.try() else { return nil }
            defer { use.unlock() }
            return try found(look)
        }

        private func found<Value>(_ look: (FileConnection) throws -> Value) throws -> Value {
            try queue.unsafeRead { try look(FileConnection(database: $0, known: known)) }
        }

        func close() throws {
            queue.unsafeRead { _ in known.removeAll() }
            try queue.close()
        }
    }

    /// The file is there already, and in WAL mode.
    init(path: String) throws {
        var configuration = Connections.configuration()
        configuration.readonly = true
        let count = max(1, min(Self.mostConnections, ProcessInfo.processInfo.activeProcessorCount))
        connections = try (0..<count).map { [configuration] _ in
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            // A start may wait for another process; a lookup may not.
            try queue.unsafeRead { try $0.execute(sql: "PRAGMA busy_timeout = 0") }
            return Connection(queue)
        }
    }

    /// The result of `look`; nil if another process keeps the file from being read at this moment.
    ///
    /// One statement is a snapshot by itself, and so are further reads while its row is held: no transaction is needed.
    func find<Value>(_ look: (FileConnection) throws -> Value) throws -> Value? {
        do {
            return try connections[nextTurn()].find(look)
        } catch let error where SQLiteFailure(error).map({ Self.waits.contains($0.code) }) == true {
            return nil
        }
    }

    /// The result of `look`; nil if every connection is in use. Throws if a page of the file is not in the kernel's cache.
    func findAtOnce<Value>(_ look: (FileConnection) throws -> Value) throws -> Value? {
        guard CachedReads.areSupported else { return nil }
        let first = nextTurn()
        for place in connections.indices {
            let connection = connections[(first + place) % connections.count]
            if let found = try connection.findIfFree({ db in try CachedReads.only { try look(db) } }) { return found }
        }
        return nil
    }

    var count: Int { connections.count }

    private func nextTurn() -> Int {
        Int(turn.wrappingAdd(1, ordering: .relaxed).oldValue % UInt(connections.count))
    }

    /// SQLite's codes while another process recovers the WAL.
    private static let waits: Set<CInt> = [SQLITE_BUSY, SQLITE_PROTOCOL]

    func close() throws {
        let failures = connections.compactMap { connection in Result { try connection.close() }.failure }
        if let failure = failures.first { throw failure }
    }
}

extension Result {
    fileprivate var failure: Failure? {
        switch self {
        case .success: nil
        case .failure(let error): error
        }
    }
}
