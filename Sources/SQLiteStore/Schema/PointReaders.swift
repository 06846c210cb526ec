import Foundation
import GRDB
import Synchronization

/// Connections for what is found by its key, used on the caller's own thread.
///
/// Such a look takes microseconds, and to have another thread do it takes three times as long. It may be done on one of
/// the few threads of Swift's pool, because it waits for nobody's lock: only for the disk, where the kernel hasn't got the
/// few pages that an index leads to, and for those who look by the same connection. Whatever takes longer belongs to the
/// pool's readers, and is awaited.
final class PointReaders: Sendable {
    /// More threads than this don't read at once often enough to be worth the memory.
    private static let mostConnections = 4

    private let connections: [DatabaseQueue]
    private let turn = Atomic<UInt>(0)

    /// The file is there already, and in WAL mode.
    init(path: String) throws {
        var configuration = Connections.configuration()
        configuration.readonly = true
        let count = max(1, min(Self.mostConnections, ProcessInfo.processInfo.activeProcessorCount))
        connections = try (0..<count).map { [configuration] _ in
            let connection = try DatabaseQueue(path: path, configuration: configuration)
            // A start may wait for another process; a look may not.
            try connection.unsafeRead { try $0.execute(sql: "PRAGMA busy_timeout = 0") }
            return connection
        }
    }

    /// What `look` finds; nil when another process keeps the file from being read just now.
    ///
    /// One statement is a snapshot by itself, and so is what is read while its row is held: no transaction around it.
    func find<Value>(_ look: (Database) throws -> Value) throws -> Value? {
        let turn = Int(self.turn.wrappingAdd(1, ordering: .relaxed).oldValue % UInt(connections.count))
        do {
            return try connections[turn].unsafeRead(look)
        } catch let error as DatabaseError where Self.waits.contains(error.resultCode) {
            return nil
        }
    }

    /// What SQLite says while another process puts the WAL in order.
    private static let waits: [ResultCode] = [.SQLITE_BUSY, .SQLITE_PROTOCOL]

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
