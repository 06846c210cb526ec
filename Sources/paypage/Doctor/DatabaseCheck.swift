import Foundation
import PayStore

/// Whether the database can be opened, and what `serve` would apply to it. It changes nothing.
struct DatabaseCheck {
    private static let subject = "database"

    let path: String

    func finding() -> Finding {
        do {
            guard FileManager.default.fileExists(atPath: path) else { return missing() }
            let pending = try Schema.report(at: path).pending
            guard !pending.isEmpty else { return .ok(Self.subject, "\(path) is up to date") }
            return .warning(
                Self.subject, "\(path) has \(pending.count) migration(s) pending",
                remedy: "make a backup; serve applies them at its start, and so does paypage migrate")
        } catch let error as SchemaError {
            return Finding(grade: .failure, subject: Self.subject, text: "\(error)")
        } catch {
            return .failure(
                Self.subject, "\(path) can't be opened (\(error))", remedy: "let the service read and write it")
        }
    }

    private func missing() -> Finding {
        let folder = URL(filePath: path).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            return .failure(
                Self.subject, "\(path) is not there, and can't be made in its folder",
                remedy: "make the folder, and let the service write in it")
        }
        return .ok(Self.subject, "\(path) is not there yet: serve makes it")
    }
}
