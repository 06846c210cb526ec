import GRDB
import PayFlow

extension LedgerUnavailable {
    /// The outage that an SQLite error tells of; nil for every other error. The only place that sorts SQLite's codes.
    init?(_ error: any Error) {
        guard let error = error as? DatabaseError else { return nil }
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_PROTOCOL: self.init(.busy)
        case .SQLITE_FULL: self.init(.full)
        case .SQLITE_READONLY where error.extendedResultCode == .SQLITE_READONLY_DBMOVED: self.init(.moved)
        case .SQLITE_READONLY, .SQLITE_PERM: self.init(.readOnly)
        case .SQLITE_IOERR, .SQLITE_CANTOPEN: self.init(.inputOutput)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self.init(.damaged)
        default: return nil
        }
    }

    /// The error that a caller of the ledger gets in place of `error`.
    static func orOriginal(_ error: any Error) -> any Error {
        LedgerUnavailable(error) ?? error
    }
}
