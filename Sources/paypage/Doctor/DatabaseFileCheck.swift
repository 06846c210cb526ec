import Foundation
import Migrations
import SQLiteStore

/// Checks that an SQLite file can be opened, that other users can't read it, and its pending migrations. Changes nothing.
struct DatabaseFileCheck {
    private static let subject = "database"

    let path: String

    func finding() -> Finding {
        do {
            guard FileManager.default.fileExists(atPath: path) else { return missing() }
            let pending = try Schema.report(at: path).pending
            guard !pending.isEmpty else { return openToOthers() ?? .ok(Self.subject, "\(path) is up to date") }
            return .warning(
                Self.subject, "\(path) has \(pending.count) migration(s) pending",
                remedy: "back up the database; paypage serve or paypage migrate applies them")
        } catch let error as SchemaError {
            return Finding(grade: .failure, subject: Self.subject, text: "\(error)")
        } catch {
            return .failure(
                Self.subject, "\(path) cannot be opened (\(error))", remedy: "grant the service read and write access")
        }
    }

    private func missing() -> Finding {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            return .failure(
                Self.subject, "\(path) does not exist, and cannot be created in \(folder)",
                remedy: "create the folder, and grant the service write access")
        }
        return .ok(Self.subject, "\(path) does not exist yet; serve creates it")
    }

    /// New databases are readable only by their owner. An older version made them readable by every user.
    private func openToOthers() -> Finding? {
        let open = ["", "-wal", "-shm"].map { path + $0 }.filter { file in
            let attributes = try? FileManager.default.attributesOfItem(atPath: file)
            return ((attributes?[.posixPermissions] as? NSNumber)?.intValue ?? 0) & 0o077 != 0
        }
        guard !open.isEmpty else { return nil }
        let files = open.joined(separator: " ")
        return .warning(
            Self.subject, "other users of this machine may read \(files)",
            remedy: "restrict the files to the service's user (chmod 600 \(files))")
    }
}
