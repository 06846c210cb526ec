import Foundation
package import PayCore

/// The folder of the copies that the service makes by the clock. A copy's name has the time of its beginning.
package struct BackupFolder: Sendable {
    /// A complete copy.
    package struct Copy: Hashable, Sendable {
        package let path: String
        package let at: Instant
    }

    package enum Outcome: Sendable {
        case notDue
        /// Another process makes a copy now.
        case busy
        case made(Copy, bytes: Int, removed: Int)
    }

    private static let prefix = "paypage-"
    private static let suffix = ".sqlite"

    private let folder: String
    private let every: Duration
    private let keep: Int

    /// - Parameters:
    ///   - every: the time from the beginning of one copy to that of the next.
    ///   - keep: the number of copies that stay, at least 1.
    package init(_ folder: String, every: Duration, keep: Int) {
        self.folder = folder
        self.every = every
        self.keep = max(1, keep)
    }

    /// The complete copies, the oldest first.
    package func copies() throws -> [Copy] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            let reason = "the folder cannot be read; create it, and let the service write in it"
            throw BackupFailure.notWritten(folder, reason)
        }
        let found = names.compactMap { name in Self.time(of: name).map { Copy(path: place(of: name), at: $0) } }
        return found.sorted { ($0.at, $0.path) < ($1.at, $1.path) }
    }

    /// Copies the database at `path` if the last copy is old enough, checks the copy, and then removes the oldest ones.
    /// Blocks.
    package func makeIfDue(
        of path: String, at now: Instant, progress: @escaping FileBackup.Progress = { _ in }
    ) throws -> Outcome {
        guard isDue(try copies().last, at: now) else { return .notDue }
        guard let lock = try FolderLock(place(of: ".lock")) else { return .busy }
        defer { lock.release() }
        // The process that held the lock may have made one.
        guard isDue(try copies().last, at: now) else { return .notDue }
        removeDrafts()
        let copy = Copy(path: place(of: Self.name(at: now)), at: now)
        _ = try FileBackup.make(of: path, at: copy.path, progress: progress)
        let old = try copies().dropLast(keep)
        for each in old { unlink(each.path) }
        let size = try? FileManager.default.attributesOfItem(atPath: copy.path)[.size] as? NSNumber
        return .made(copy, bytes: size?.intValue ?? 0, removed: old.count)
    }

    /// A copy from the future was made before the clock was set back.
    private func isDue(_ last: Copy?, at now: Instant) -> Bool {
        guard let last else { return true }
        return now - last.at >= every || last.at > now + every
    }

    /// Drafts of a process that was killed. The lock is held, so that no draft is being written.
    private func removeDrafts() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasPrefix("\(FileBackup.draftPrefix)\(Self.prefix)") { unlink(place(of: name)) }
    }

    private func place(of name: String) -> String {
        URL(filePath: folder).appending(path: name).path(percentEncoded: false)
    }

    /// `paypage-20261130T090000Z.sqlite`
    static func name(at instant: Instant) -> String {
        let text = CivilTime(instant).text { $0.writeTimestamp(to: &$1) }
        return prefix + text.filter { $0 != "-" && $0 != ":" } + suffix
    }

    static func time(of name: String) -> Instant? {
        guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
        let digits = Array(name.dropFirst(prefix.count).dropLast(suffix.count))
        guard digits.count == 16, digits[8] == "T", digits[15] == "Z" else { return nil }
        func part(_ range: Range<Int>) -> String { String(digits[range]) }
        let text =
            "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11)):\(part(11..<13)):\(part(13..<15))Z"
        return CivilTime(rfc3339: text)?.instant
    }
}

/// A lock that the system releases when its process ends.
private struct FolderLock {
    private let descriptor: Int32

    /// Nil if another process holds the lock.
    init?(_ path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileBackup.failure(path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            return nil
        }
    }

    func release() { close(descriptor) }
}
