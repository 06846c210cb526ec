import Foundation
import PayFlow
import SQLiteStore

/// An SQLite file, in memory if possible, so that a commit costs no disk.
final class SimulatedFile: SimulatedDatabase {
    private static let base =
        FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    private static let prefix = "paypage-simulator-"

    private let folder = "\(base)/\(prefix)\(getpid())"
    private var path: String { "\(folder)/world.sqlite" }
    private var ledgers: [SQLiteLedger] = []

    init() { Self.removeWhatTheDeadLeft() }

    /// A simulator that was killed left its database behind, in memory.
    private static func removeWhatTheDeadLeft() {
        let files = FileManager.default
        for name in (try? files.contentsOfDirectory(atPath: base)) ?? [] where name.hasPrefix(prefix) {
            let pid = name.dropFirst(prefix.count)
            if !files.fileExists(atPath: "/proc/\(pid)") { try? files.removeItem(atPath: "\(base)/\(name)") }
        }
    }

    func empty() throws {
        let files = FileManager.default
        let template = "\(folder)/empty.sqlite"
        if !files.fileExists(atPath: template) {
            try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
            // Migrations take longer than a small world: they are applied once, and each world has a copy.
            try SQLiteLedger(path: template).close()
        }
        for suffix in ["", "-wal", "-shm"] { try? files.removeItem(atPath: path + suffix) }
        try files.copyItem(atPath: template, toPath: path)
    }

    func ledger(_ slot: Int) throws -> any Store {
        let ledger = try SQLiteLedger(path: path)
        ledgers.append(ledger)
        return ledger
    }

    func endWorld() {
        for ledger in ledgers { _ = try? ledger.close() }
        ledgers = []
    }

    func delete() {
        endWorld()
        try? FileManager.default.removeItem(atPath: folder)
    }
}
