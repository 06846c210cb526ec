import CSQLite
import PayFlow

extension LedgerUnavailable {
    /// The outage behind an SQLite error; nil for every other error. The only place that sorts SQLite's codes.
    init?(_ error: any Error) {
        guard let failure = SQLiteFailure(error) else { return nil }
        switch failure.code {
        case SQLITE_BUSY, SQLITE_LOCKED, SQLITE_PROTOCOL: self.init(.busy)
        case SQLITE_FULL: self.init(.full)
        case SQLITE_READONLY where failure.extendedCode == Self.databaseMoved: self.init(.moved)
        case SQLITE_READONLY, SQLITE_PERM: self.init(.readOnly)
        case SQLITE_IOERR, SQLITE_CANTOPEN: self.init(.inputOutput)
        case SQLITE_CORRUPT, SQLITE_NOTADB: self.init(.damaged)
        default: return nil
        }
    }

    /// `SQLITE_READONLY_DBMOVED`, which is a macro that Swift doesn't import.
    private static let databaseMoved = SQLITE_READONLY | (4 << 8)

    /// The error that a caller of the ledger gets in place of `error`.
    static func orOriginal(_ error: any Error) -> any Error {
        LedgerUnavailable(error) ?? error
    }
}
