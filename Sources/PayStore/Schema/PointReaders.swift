import Foundation
import GRDB
import Synchronization

/// Connections for what is found by its key, used on the caller's own thread.
///
/// Such a look takes microseconds, and to have another thread do it takes three times as long. It may be done on one of
/// the few threads of Swift's pool, because its wait is bounded: some pages found by an index, and before it at most the
/// like of as many callers as there are threads. Whatever takes longer belongs to the pool's readers, and is awaited.
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
            try DatabaseQueue(path: path, configuration: configuration)
        }
    }

    /// One statement is a snapshot by itself, and so is what is read while its row is held: no transaction around it.
    func look<Value>(_ look: (Database) throws -> Value) throws -> Value {
        let turn = Int(self.turn.wrappingAdd(1, ordering: .relaxed).oldValue % UInt(connections.count))
        return try connections[turn].unsafeRead(look)
    }

    func close() throws {
        for connection in connections { try connection.close() }
    }
}
