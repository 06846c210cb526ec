import Foundation
import Logging

/// The limit of open files and connections of the process. Systems begin with a low limit, often 1,024, and let a
/// process raise it. Each event stream is a connection.
enum OpenFileLimit {
    /// Ten thousand streams, as many calls beside them, the database, and the connections to providers.
    static let wanted: rlim_t = 16_384

    /// Raises the limit as far as the system allows. Returns the new limit.
    static func raise(_ logger: Logger) -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return Int(wanted) }
        if limit.rlim_cur < wanted {
            let before = limit.rlim_cur
            limit.rlim_cur = min(wanted, limit.rlim_max)
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 { limit.rlim_cur = before }
            if limit.rlim_cur < wanted {
                logger.warning(
                    "open file limit is low, connections are limited",
                    metadata: [
                        "files.most": .stringConvertible(limit.rlim_cur), "files.wanted": .stringConvertible(wanted),
                    ])
            }
        }
        return Int(clamping: limit.rlim_cur)
    }
}

/// The limit of open client connections.
enum ConnectionLimit {
    /// For the database, the log, and 256 calls at once to each of a few providers and to the shop.
    private static let largestReserve = 1_280
    /// A quarter of the open files, if there are few.
    private static let smallestShare = 4
    private static let least = 16

    /// - Parameters:
    ///   - set: the value of `http.connections`; nil for as many as there is room for, within ``OpenFileLimit/wanted``.
    ///     On a system without a limit of files, memory must still have a bound.
    ///   - files: the process's limit of open files.
    static func connections(_ set: Int?, files: Int, _ logger: Logger) -> Int {
        let usable = set == nil ? min(files, Int(OpenFileLimit.wanted)) : files
        let room = max(least, usable - min(largestReserve, usable / smallestShare))
        guard let set, set > room else { return set ?? room }
        logger.warning(
            "http.connections exceeds the open file limit, using a lower number",
            metadata: [
                "http.connections": .stringConvertible(set), "connections.most": .stringConvertible(room),
                "files.most": .stringConvertible(files),
            ])
        return room
    }
}
