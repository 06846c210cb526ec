import Foundation
import PayFlow
import Synchronization

/// Checks whether the paths of an open database still lead to the open files.
///
/// SQLite goes on writing into a file that was deleted or replaced, and would so acknowledge payments that no later
/// start finds. The WAL and its index count too: until a checkpoint, a commit is in the WAL alone.
final class DatabaseFile: Sendable {
    private struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t
    }

    private struct File {
        /// With the zero byte at the end.
        let path: [CChar]
        let identity: Identity
    }

    /// In bytes: 64 pages.
    static let usualRoom: UInt64 = 262_144

    private let files: [File]
    private let leastRoom: UInt64
    private let wasMoved = Atomic(false)

    /// Precondition: the database is open in WAL mode, so that all three files exist. A file whose identity the system
    /// can't read is not watched.
    ///
    /// - Parameter leastRoom: the free bytes that a decision needs on the disk.
    init(path: String, leastRoom: UInt64 = usualRoom) {
        self.leastRoom = leastRoom
        files = ["", "-wal", "-shm"].compactMap { suffix in
            let path = Array((path + suffix).utf8CString)
            guard case .found(let identity) = Self.look(path) else { return nil }
            return File(path: path, identity: identity)
        }
    }

    /// The outcome of the last ``check()``.
    var isMoved: Bool { wasMoved.load(ordering: .relaxed) }

    /// Compares now, by three system calls, without opening a file. Opening and closing a database file here would drop
    /// the locks that SQLite holds on it for this process.
    func check() throws(LedgerUnavailable) {
        let isMoved = files.contains { file in
            switch Self.look(file.path) {
            case .found(let identity): identity != file.identity
            case .absent: true
            case .unclear: false
            }
        }
        wasMoved.store(isMoved, ordering: .relaxed)
        if isMoved { throw LedgerUnavailable(.moved) }
    }

    /// Throws if the disk has no room for a decision, which writes some twenty pages. A smaller write may succeed,
    /// because the WAL's space is reused.
    func checkRoom() throws(LedgerUnavailable) {
        var status = statvfs()
        guard let path = files.first?.path, path.withUnsafeBufferPointer({ statvfs($0.baseAddress!, &status) }) == 0
        else { return }
        // File systems keep a reserve for root.
        let blocks = geteuid() == 0 ? status.f_bfree : status.f_bavail
        if UInt64(blocks) * UInt64(status.f_frsize) < leastRoom { throw LedgerUnavailable(.full) }
    }

    private enum Sight {
        case found(Identity)
        case absent
        /// The system can't tell, for example in a folder without search permission: nothing is assumed.
        case unclear
    }

    private static func look(_ path: [CChar]) -> Sight {
        var status = stat()
        guard path.withUnsafeBufferPointer({ stat($0.baseAddress!, &status) }) == 0 else {
            return [ENOENT, ENOTDIR].contains(errno) ? .absent : .unclear
        }
        return .found(Identity(device: status.st_dev, inode: status.st_ino))
    }
}

extension DatabaseFile {
    /// Readable and writable for the owner alone: the file has pages that take money, and buyers' names.
    private static let mode: mode_t = 0o600

    /// Makes an empty file if there is none. SQLite would make it readable for everybody. It gives the WAL and its
    /// index the database's own mode.
    ///
    /// An existing file is not opened, because of its locks. A failure here is found again, with its reason, when
    /// SQLite opens the file.
    static func makeIfAbsent(at path: String) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        if descriptor >= 0 { close(descriptor) }
    }
}
