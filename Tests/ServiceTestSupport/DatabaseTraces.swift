package import Foundation
package import GRDB

/// The traces of a write to a database: the change counter that another connection sees, and the bytes of the log.
package struct DatabaseTraces: Hashable {
    package let version: Int64?
    package let log: Data
    package let file: Data

    package init(_ connection: DatabaseQueue, _ path: String) throws {
        version = try connection.read { try Int64.fetchOne($0, sql: "PRAGMA data_version") }
        log = try Data(contentsOf: URL(fileURLWithPath: path + "-wal"))
        file = try Data(contentsOf: URL(fileURLWithPath: path))
    }
}
