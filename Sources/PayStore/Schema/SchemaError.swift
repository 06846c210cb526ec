/// Why a database file is not opened. Each says what to do.
public enum SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file is something else than an SQLite database.
    case notSQLite(path: String)
    /// It is an SQLite database, but another program's.
    case notPaypage(path: String)
    /// A migration was applied with another text than this program has.
    case altered(migration: String)
    /// The database has a migration that this program doesn't know.
    case newer(migration: String)
    /// A migration was passed over: a later one was applied.
    case missing(migration: String)
    /// The system's SQLite doesn't know STRICT tables.
    case oldSQLite(version: String)
    /// The database didn't take a setting that no money may be kept without.
    case unsafeSetting(name: String)

    public var description: String {
        switch self {
        case .notSQLite(let path):
            "\(path) is not an SQLite database; name another file in database.url, or restore this one from a backup"
        case .notPaypage(let path):
            "\(path) is another program's database; name another file in database.url"
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
        }
    }
}
