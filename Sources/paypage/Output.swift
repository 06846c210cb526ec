import Foundation

/// Standard output, which other programs may read through a pipe.
enum Output {
    /// What was printed is not to wait in a buffer while the process goes on serving.
    static func flush() {
        fflush(nil)
    }
}
