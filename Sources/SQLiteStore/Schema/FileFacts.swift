import CSQLite
import Foundation
import PayFlow

/// Facts about a database's files, read after SQLite failed to open them. SQLite's message is the same for a missing
/// folder, a folder in place of the file, and missing permissions.
struct FileFacts {
    struct Owned: Equatable {
        let path: String
        let owner: UInt32
    }

    var isFolder = false
    let folder: String
    var folderExists = true
    var folderIsWritable = true
    /// The first of the database, its WAL and the WAL's index that exists without read and write permission.
    var forbidden: Owned?
    var user: UInt32 = 0
}

extension FileFacts {
    init(path: String) {
        folder = URL(filePath: path).deletingLastPathComponent().path
        isFolder = Self.isFolder(path)
        folderExists = Self.isFolder(folder)
        folderIsWritable = access(folder, W_OK | X_OK) == 0
        forbidden = ["", "-wal", "-shm"].lazy.map { path + $0 }.compactMap(Self.forbidden).first
        user = geteuid()
    }

    private static func isFolder(_ path: String) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) && isDirectory.boolValue
    }

    private static func forbidden(_ path: String) -> Owned? {
        var status = stat()
        guard stat(path, &status) == 0, access(path, R_OK | W_OK) != 0, errno != EROFS else { return nil }
        return Owned(path: path, owner: status.st_uid)
    }

    /// The reason why the database at `path` could not be opened; nil if its files are in order.
    func mistake(at path: String) -> SchemaError? {
        if isFolder { return .isFolder(path: path) }
        if !folderExists { return .folderIsMissing(folder: folder) }
        if let forbidden { return .isNotWritable(path: forbidden.path, owner: forbidden.owner, user: user) }
        if !folderIsWritable { return .folderIsNotWritable(folder: folder, user: user) }
        return nil
    }
}

extension SchemaError {
    /// The error for a person, after SQLite failed to open the database. An error that has nothing to do with the file,
    /// such as a migration's, stays as it is.
    static func why(_ path: String, isNotOpenedBy error: any Error) -> any Error {
        guard let failure = SQLiteFailure(error), let outage = LedgerUnavailable(error) else { return error }
        switch outage.reason {
        case .busy: return SchemaError.isLocked(path: path)
        case .full: return SchemaError.diskIsFull(path: path)
        case .damaged where failure.code == SQLITE_NOTADB: return SchemaError.notSQLite(path: path)
        case .readOnly: return FileFacts(path: path).mistake(at: path) ?? SchemaError.isReadOnly(path: path)
        case .inputOutput, .damaged, .moved, .unreachable, .notPrimary, .clockDiffers, .outcomeUnknown, .overloaded:
            return FileFacts(path: path).mistake(at: path)
                ?? SchemaError.cannotBeOpened(path: path, reason: failure.reason)
        }
    }
}
