import CSQLite
import Synchronization

/// The memory that all processes of a database in WAL mode share, as far as it tells how often was committed:
/// https://sqlite.org/walformat.html#the_wal_index_file_format.
///
/// Its file must not be opened here: when any descriptor of it is closed, the system drops the locks that SQLite holds
/// on it for this process. So SQLite is asked where it has it in memory.
struct WALIndex: @unchecked Sendable {
    /// What the format is called since SQLite 3.7.0.
    private static let version: UInt32 = 3_007_000
    /// SQLite maps this memory in pieces, always of this size.
    private static let bytesPerPiece: CInt = 32_768
    /// The header is there twice. A commit is written into the second copy first, and no one sees it before both agree.
    private static let secondCopy = 48
    /// A number that each commit that wrote anything makes greater by one, whoever committed. Checkpoints don't.
    private static let changes = 8

    private let memory: UnsafeMutableRawPointer

    /// Nil when the memory is not as expected. It is SQLite's, and goes with the last connection of this process.
    init?(_ db: Connection) throws {
        // There is none before the first transaction.
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

    /// How often was committed, from some beginning on. Another number as soon as anybody can see the commit.
    func commits() -> UInt32 {
        (memory + Self.secondCopy + Self.changes).assumingMemoryBound(to: Atomic<UInt32>.self)
            .pointee.load(ordering: .acquiring)
    }
}
