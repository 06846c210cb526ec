import Foundation
import Logging

/// How many files and connections the process may have open. Systems begin with few, often 1,024, and let a process take
/// more by itself: each stream of events is a connection.
enum OpenFileLimit {
    /// Ten thousand streams, as many calls beside them as ever come, the database, the connections to providers.
    private static let wanted: rlim_t = 16_384

    static func raise(_ logger: Logger) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < wanted else {
            return
        }
        limit.rlim_cur = min(wanted, limit.rlim_max)
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 || limit.rlim_cur < wanted else {
            return
        }
        logger.warning(
            "few connections can be open at once: raise the system's limit of open files",
            metadata: ["files.most": "\(limit.rlim_cur)", "files.wanted": "\(wanted)"])
    }
}
