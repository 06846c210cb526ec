import Foundation
import Testing

/// A file system in memory of a few MiB, for one test. Needs the right to mount.
struct SmallDisk: Sendable {
    private static let mebibytes = 8

    let path: String

    /// Whether this user may mount one.
    static let isPossible: Bool = {
        let path = FileManager.default.temporaryDirectory.appending(path: "paypage-mount-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        guard geteuid() == 0, let disk = try? SmallDisk(mountedAt: path) else { return false }
        disk.unmount()
        return true
    }()

    static func with(_ path: String, _ body: (SmallDisk) async throws -> Void) async throws {
        let disk = try SmallDisk(mountedAt: path)
        defer { disk.unmount() }
        try await body(disk)
    }

    private init(mountedAt path: String) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let size = "size=\(Self.mebibytes)m,mode=0700"
        guard mount("tmpfs", path, "tmpfs", 0, size) == 0 else {
            throw ChildProcess.NotStarted(description: "no small disk at \(path): \(errno)")
        }
    }

    /// Also while a process still has files open there.
    private func unmount() { _ = umount2(path, Int32(MNT_DETACH)) }

    /// An old log takes every byte but some. Removing it makes room again.
    func fill(leaving left: Int = 0) {
        let file = open("\(path)/old.log", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        defer { close(file) }
        let bytes = [UInt8](repeating: 0x2E, count: 4_096)
        while free > left, write(file, bytes, bytes.count) > 0 {}
    }

    private var free: Int {
        var found = statvfs()
        return statvfs(path, &found) == 0 ? Int(found.f_bavail) * Int(found.f_frsize) : 0
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a test with a message where no file system can be mounted.
    static var needsMount: Self { .enabled(if: SmallDisk.isPossible, "the test needs the right to mount") }
}
