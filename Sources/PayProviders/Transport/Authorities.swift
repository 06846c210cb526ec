import CCurl
import Glibc

/// The certificate authorities that a server's certificate must come from.
///
/// libcurl parses the file of authorities once and keeps the result for all connections, but only while no directory of
/// authorities is set beside the file. Debian's libcurl has both built in, with the same 140 authorities. With the
/// directory, each new connection parses the whole file: 20 ms of CPU on the one thread that all transfers share.
struct Authorities {
    /// For how long the parsed file is kept. A file that is replaced is noticed after this time.
    static let cacheSeconds = 3_600

    /// The file that replaces the system's; nil for the system's.
    let file: String?
    /// Whether no directory is needed.
    let areInOneFile: Bool

    /// `systemFile` is the one that libcurl was built to read.
    init(file: String?, systemFile: String? = Self.systemFile) {
        self.file = file
        areInOneFile = file != nil || systemFile.map { access($0, R_OK) == 0 } ?? false
    }

    private static var systemFile: String? { ccurl_default_authorities().map { String(cString: $0) } }
}
