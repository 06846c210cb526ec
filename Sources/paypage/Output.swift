import Foundation

/// Standard output, which other programs may read through a pipe.
enum Output {
    /// Writes out the buffer, so that no printed line waits in it while the process serves.
    static func flush() {
        fflush(nil)
    }
}
