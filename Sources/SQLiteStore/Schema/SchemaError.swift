import Migrations

/// The reason why a database file is not opened. Each message says what to do.
public enum SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file isn't an SQLite database.
    case notSQLite(path: String)
    /// An SQLite database of another program.
    case notPaypage(path: String)
    /// A database from before the first release, by the steps of that time.
    case developmentBuild(path: String)
    /// An applied migration has another text in this program.
    case altered(migration: String)
    /// The database has a migration that this program doesn't know.
    case newer(migration: String)
    /// A later migration was applied, and this one wasn't.
    case missing(migration: String)
    /// The system's SQLite has no STRICT tables.
    case oldSQLite(version: String)
    /// The database refused a setting without which a commit isn't durable.
    case unsafeSetting(name: String)
    case isFolder(path: String)
    case folderIsMissing(folder: String)
    case folderIsNotWritable(folder: String, user: UInt32)
    case isNotWritable(path: String, owner: UInt32, user: UInt32)
    /// The disk is mounted read-only.
    case isReadOnly(path: String)
    case isLocked(path: String)
    case diskIsFull(path: String)
    /// The system or SQLite gives no better reason than this.
    case cannotBeOpened(path: String, reason: String)

    public var description: String {
        switch self {
        case .notSQLite(let path):
            "\(path) is not an SQLite database; name another file in database.url, or restore this one from a backup"
        case .notPaypage(let path):
            "\(path) is another program's database; name another file in database.url"
        case .developmentBuild(let path):
            "\(path) was made by a development build from before the first release, and can't be migrated; name a new "
                + "file in database.url, and keep the old one if it has payments that you need"
        case .altered(let migration):
            "migration \(migration) was applied with another text than this program has; run the release that applied "
                + "it, or put its file back as it was"
        case .newer(let migration):
            "the database was written by a newer Paypage, which applied migration \(migration); run that release or "
                + "a later one, or restore the backup that was made before it"
        case .missing(let migration):
            "migration \(migration) is not in the database, though later ones are: it was changed by hand; restore it "
                + "from a backup"
        case .oldSQLite(let version):
            "SQLite \(version) is too old: install 3.37 or later"
        case .unsafeSetting(let name):
            "the database does not take PRAGMA \(name): put it on a local disk, in a folder that can be written"
        case .isFolder(let path):
            "\(path) is a folder; name a file in database.url, for example sqlite:\(path)/paypage.sqlite"
        case .folderIsMissing(let folder):
            "the database's folder \(folder) does not exist; create it (mkdir -p \(folder)), or change database.url"
        case .folderIsNotWritable(let folder, let user):
            "the database's folder \(folder) is not writable for user id \(user); SQLite creates files beside the "
                + "database: let that user write in the folder, or change database.url"
        case .isNotWritable(let path, let owner, let user):
            "\(path) belongs to user id \(owner), and user id \(user) may not read and write it; run the service as "
                + "the owner, or change the owner (chown \(user) \(path))"
        case .isReadOnly(let path):
            "\(path) is on a disk that is mounted read-only; remount the disk, or change database.url"
        case .isLocked(let path):
            "\(path) is locked by another process; stop that process, or wait until it is done, and try again"
        case .diskIsFull(let path):
            "the disk of \(path) is full; free some space and try again"
        case .cannotBeOpened(let path, let reason):
            "\(path) cannot be opened (\(reason)); check its disk, and restore it from a backup if it is damaged"
        }
    }
}

extension SchemaError {
    init(_ mismatch: HistoryMismatch) {
        switch mismatch {
        case .altered(let migration): self = .altered(migration: migration)
        case .newer(let migration): self = .newer(migration: migration)
        case .missing(let migration): self = .missing(migration: migration)
        }
    }
}
