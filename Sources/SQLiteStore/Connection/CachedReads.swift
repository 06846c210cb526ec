import CLinux
import CSQLite
import Foundation

/// Reads of the database file that the kernel answers from its cache.
///
/// SQLite reads the file by the functions of a table, which its users may replace. On a thread that is marked, ours has
/// the kernel fail a read that would wait for the disk. SQLite then ends the statement with an error.
enum CachedReads {
    /// False if SQLite reads the file by other functions.
    static let areSupported: Bool = {
        guard let files = sqlite3_vfs_find(nil), let replace = files.pointee.xSetSystemCall,
            let current = files.pointee.xGetSystemCall
        else { return false }
        // SQLite was compiled with one of the two. The other is absent from the table, or is not called.
        let known: [String] = ["pread", "pread64"].filter { current(files, $0) != nil }
        return !known.isEmpty
            && known.allSatisfy { replace(files, $0, unsafeBitCast(read, to: sqlite3_syscall_ptr.self)) == SQLITE_OK }
    }()

    /// Runs `work` on this thread. It must not change the thread.
    static func only<Value>(_ work: () throws -> Value) throws -> Value {
        pthread_setspecific(mark, UnsafeRawPointer(bitPattern: 1))
        defer { pthread_setspecific(mark, nil) }
        return try work()
    }

    private static let mark: pthread_key_t = {
        var key = pthread_key_t()
        // Fails only for a process with a thousand keys.
        precondition(pthread_key_create(&key, nil) == 0, "no key for the threads' marks")
        return key
    }()

    private typealias Read = @convention(c) (CInt, UnsafeMutableRawPointer?, Int, off_t) -> Int

    private static let read: Read = { file, bytes, count, offset in
        pthread_getspecific(mark) == nil
            ? pread(file, bytes, count, offset) : clinux_read_cached(file, bytes, count, offset)
    }
}
