import Foundation
import Metrics
import PayCore
import PayFlow
import PayTelemetry
import Synchronization

/// The space of a file system, in bytes.
struct DiskSpace: Hashable, Sendable {
    /// A disk with less is nearly full. A busy day writes less than a tenth of this to the database.
    private static let enough = 2 << 30
    /// The part of a small disk that is enough.
    private static let enoughPart = 10

    /// The bytes that this process can still write.
    let free: Int
    let size: Int

    var isNearlyFull: Bool { free < min(Self.enough, size / Self.enoughPart) }

    /// The space of the file system that has the folder; nil if the system does not tell.
    static func of(_ folder: String) -> DiskSpace? {
        var found = statvfs()
        guard statvfs(folder, &found) == 0 else { return nil }
        let block = UInt64(found.f_frsize)
        return DiskSpace(
            free: Int(clamping: UInt64(found.f_bavail) * block), size: Int(clamping: UInt64(found.f_blocks) * block))
    }
}

/// Watches the disk of an SQLite database: gauges, and a condition before the disk is full.
final class DiskWatch: Sendable {
    private static let free = "paypage_disk_free_bytes"
    private static let wal = "paypage_database_wal_bytes"

    private let path: String
    private let folder: String
    private let space: @Sendable (String) -> DiskSpace?
    private let since = Mutex<Instant?>(nil)

    /// Nil for a database server, whose disk is its own host's.
    init?(_ address: DatabaseAddress, space: @escaping @Sendable (String) -> DiskSpace? = DiskSpace.of) {
        guard case .sqlite(let path) = address else { return nil }
        let whole = URL(filePath: path).standardizedFileURL
        self.path = whole.path(percentEncoded: false)
        folder = whole.deletingLastPathComponent().path(percentEncoded: false)
        self.space = space
    }

    /// Declares the gauges, and sets them before each exposition.
    func report(on metrics: PrometheusMetrics) {
        metrics.declare(Self.free, .gauge, help: "Free bytes on the disk of the database.", labels: [[]])
        metrics.declare(Self.wal, .gauge, help: "Size of the WAL of the database, in bytes.", labels: [[]])
        metrics.beforeExposition { [self, unowned metrics] in
            if let space = space(folder) { Gauge(label: Self.free, factory: metrics).record(space.free) }
            var found = stat()
            let size = stat(path + "-wal", &found) == 0 ? Int(found.st_size) : 0
            Gauge(label: Self.wal, factory: metrics).record(size)
        }
    }

    /// The condition while the disk is nearly full, since it was first seen so.
    func conditions(at now: Instant) -> [ServiceCondition] {
        let isNearlyFull = space(folder)?.isNearlyFull ?? false
        return since.withLock { since in
            since = isNearlyFull ? since ?? now : nil
            return since.map { [.diskNearlyFull(folder, since: $0)] } ?? []
        }
    }
}
