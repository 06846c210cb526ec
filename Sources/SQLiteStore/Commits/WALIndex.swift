import CSQLite
import Synchronization

/// The shared memory of all processes that have the database open in WAL mode, for its count of commits:
/// https://sqlite.org/walformat.html#the_wal_index_file_format.
///
/// The file behind it must not be opened here: when any descriptor of it is closed, the system drops the locks that
/// SQLite holds on it for this process. So SQLite is asked for its own mapping.
struct WALIndex: @unchecked Sendable {
    /// The format's version since SQLite 3.7.0.
    private static let version: UInt32 = 3_007_000
    /// SQLite maps this memory in pieces, always of this size.
    private static let bytesPerPiece: CInt = 32_768
    /// The header has two copies. A commit is written to the second copy first, and is visible once both copies agree.
    private static let secondCopy = 48
    /// A counter that each commit with changes increases by one, in any process. Checkpoints don't.
    private static let changes = 8

    private let memory: UnsafeMutableRawPointer

    /// Nil if the memory isn't as expected. SQLite owns it, and unmaps it with this process's last connection.
    init?(_ db: FileConnection) throws {
        // The memory is mapped by the first transaction.
        try db.execute("SELECT 1 FROM sqlite_master")
        var file: UnsafeMutablePointer<sqlite3_file>?
        guard sqlite3_file_control(db.handle, "main", SQLITE_FCNTL_FILE_POINTER, &file) == SQLITE_OK,
            let file, let methods = file.pointee.pMethods, methods.pointee.iVersion >= 2
        else { return nil }
        var piece: UnsafeMutableRawPointer?
        guard methods.pointee.xShmMap(file, 0, Self.bytesPerPiece, 0, &piece) == SQLITE_OK, let piece,
            piece.load(as: UInt32.self) == Self.version,
            piece.load(fromByteOffset: Self.secondCopy, as: UInt32.self) == Self.version
        else { return nil }
        memory = piece
    }

    /// The count of commits, from some starting point. It changes as soon as any process can see the commit.
    func commits() -> UInt32 {
        (memory + Self.secondCopy + Self.changes).assumingMemoryBound(to: Atomic<UInt32>.self)
            .pointee.load(ordering: .acquiring)
    }
}
