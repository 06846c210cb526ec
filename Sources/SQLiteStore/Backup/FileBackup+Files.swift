import Foundation

extension FileBackup {
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0
    }

    /// A hidden name in the same folder, so that the file can be renamed.
    static func draftName(for target: String) -> String {
        let file = URL(filePath: target)
        return file.deletingLastPathComponent().appending(path: "\(draftPrefix)\(file.lastPathComponent)-\(getpid())")
            .path(percentEncoded: false)
    }

    /// The beginning of a draft's name. A draft is left behind if the process is killed.
    static let draftPrefix = ".draft-"

    /// Gives a complete file its name. The file and its name are on the disk when this returns.
    static func finish(_ draft: String, as target: String) throws {
        try flush(draft)
        guard rename(draft, target) == 0 else { throw failure(target) }
        try flush(URL(filePath: target).deletingLastPathComponent().path(percentEncoded: false))
    }

    static func remove(_ draft: String) {
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(draft + suffix) }
    }

    /// Flushes a file or a folder to the disk.
    private static func flush(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path) }
    }

    static func failure(_ path: String) -> BackupFailure { .notWritten(path, String(cString: strerror(errno))) }
}

/// The number of the last restore, in a file beside the database. It outlives the database's own file: a copy from before
/// the last restore does not have its number.
struct RestoreNote {
    let path: String

    init(of database: String) { path = database + ".restores" }

    /// 0 without a note.
    func read() throws -> Int {
        guard FileBackup.exists(path) else { return 0 }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8),
            let number = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)), number >= 0
        else { throw BackupFailure.unreadableNote(path) }
        return number
    }

    func write(_ number: Int) throws {
        let draft = FileBackup.draftName(for: path)
        do {
            try Data("\(number)\n".utf8).write(to: URL(filePath: draft))
        } catch {
            throw FileBackup.failure(draft)
        }
        try FileBackup.finish(draft, as: path)
    }
}
