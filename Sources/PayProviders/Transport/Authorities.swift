import CCurl
import Glibc

/// The certificate authorities that a server's certificate must chain to.
///
/// libcurl parses the file of authorities once and caches the result for all connections, but only if no directory of
/// authorities is set beside the file. Debian's libcurl has both built in, with the same 140 authorities. With the
/// directory, each new connection parses the whole file: 20 ms of CPU on the one thread that all transfers share.
struct Authorities {
    /// The lifetime of the parsed file in libcurl's cache. A replaced file is noticed after this time.
    static let cacheSeconds = 3_600

    /// Replaces the system's file; nil for the system's file.
    let file: String?
    /// True if the directory of authorities is not needed.
    let areInOneFile: Bool

    /// `systemFile` is the default file that libcurl was built with.
    init(file: String?, systemFile: String? = Self.systemFile) {
        self.file = file
        areInOneFile = file != nil || systemFile.map { access($0, R_OK) == 0 } ?? false
    }

    private static var systemFile: String? { ccurl_default_authorities().map { String(cString: $0) } }
}
