public import Migrations

/// The reason why a PostgreSQL database is not used. Each message says what to do.
public enum PostgresSchemaError: Error, Hashable, Sendable, CustomStringConvertible {
    case notURI
    /// The database has tables of another program.
    case notPaypage(database: String)
    case mismatch(HistoryMismatch)
    case oldServer(version: String)
    case notUTF8(encoding: String)
    /// The database's user may not make or change tables.
    case notPermitted(because: String)

    public var description: String {
        switch self {
        case .notURI:
            "database.url is no address of a PostgreSQL server: write postgresql://USER@HOST/DATABASE, and "
                + "percent-encode special characters of the password"
        case .notPaypage(let database):
            "the database \(database) has tables of another program; make a database for Paypage (CREATE DATABASE "
                + "paypage), and name it in database.url"
        case .mismatch(.altered(let migration)):
            "migration \(migration) was applied with another text than this program has; run the release that applied "
                + "it, or put its file back as it was"
        case .mismatch(.newer(let migration)):
            "the database was written by a newer Paypage, which applied migration \(migration); run that release or "
                + "a later one, or restore the backup that was made before it"
        case .mismatch(.missing(let migration)):
            "migration \(migration) is not in the database, though later ones are: it was changed by hand; restore it "
                + "from a backup"
        case .oldServer(let version):
            "PostgreSQL \(version) is too old: run 14 or later"
        case .notUTF8(let encoding):
            "the database has the encoding \(encoding); make one with ENCODING 'UTF8' TEMPLATE template0, and name it "
                + "in database.url"
        case .notPermitted(let reason):
            "the database's user lacks a privilege (\(reason)); let it own the database: ALTER DATABASE … OWNER TO …"
        }
    }
}
