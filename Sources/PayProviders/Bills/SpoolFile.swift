import Glibc
import Synchronization

/// A temporary file for a download. Only its owner can read it, and it has no name: it ends with this object, and with
/// the process.
///
/// Pieces are appended on the transport's thread, and read afterwards.
final class SpoolFile: Sendable {
    private struct State {
        var count = 0
        /// The first error of a write.
        var failure: Int32?
    }

    private let descriptor: Int32
    private let state = Mutex(State())

    /// Creates the file with mode 0600, and unlinks it at once.
    init(in folder: String) throws(BillFlaw) {
        var path = Array("\(folder)/paypage-bill-XXXXXX".utf8CString)
        let descriptor = path.withUnsafeMutableBufferPointer { mkstemp($0.baseAddress!) }
        guard descriptor >= 0 else { throw BillFlaw(file: errno) }
        path.withUnsafeBufferPointer { _ = unlink($0.baseAddress!) }
        self.descriptor = descriptor
    }

    deinit { _ = close(descriptor) }

    /// The number of bytes in the file.
    var count: Int { state.withLock(\.count) }

    /// The error of a failed write; nil if none failed.
    var flaw: BillFlaw? { state.withLock(\.failure).map { BillFlaw(file: $0) } }

    /// Appends a piece. False if the file could not be written.
    func append(_ piece: [UInt8]) -> Bool {
        state.withLock { state in
            guard state.failure == nil else { return false }
            var written = 0
            while written < piece.count {
                let count = piece.withUnsafeBytes { bytes in
                    pwrite(descriptor, bytes.baseAddress! + written, bytes.count - written, state.count)
                }
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else {
                    state.failure = count < 0 ? errno : EIO
                    return false
                }
                written += count
                state.count += count
            }
            return true
        }
    }

    /// Removes the content.
    func empty() throws(BillFlaw) {
        let failure: Int32? = state.withLock { state in
            guard ftruncate(descriptor, 0) == 0 else { return errno }
            state.count = 0
            return nil
        }
        if let failure { throw BillFlaw(file: failure) }
    }

    /// Reads at most `most` bytes from `offset`. Empty at the end of the file.
    func read(from offset: Int, most: Int) throws(BillFlaw) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: most) { buffer, initialized in
            var count: Int
            repeat {
                count = pread(descriptor, buffer.baseAddress, most, offset)
            } while count < 0 && errno == EINTR
            if count < 0 { failure = errno }
            initialized = max(0, count)
        }
        guard failure == 0 else { throw BillFlaw(file: failure) }
        return bytes
    }
}

extension BillFlaw {
    fileprivate init(file error: Int32) {
        self.init("the temporary file failed: \(String(cString: strerror(error)))")
    }
}
