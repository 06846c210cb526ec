package import PayFlow

/// The value of `Cache-Status` (RFC 9211), which tells how this service's cache handled a call.
package enum CacheStatus {
    /// The value for a cached page, without the remaining seconds, which follow.
    package static let hit = "paypage; hit; ttl="

    /// - Parameter secondsLeft: the remaining lifetime of the page, in seconds.
    package static func text(_ origin: PageOrigin, secondsLeft: Int64) -> String {
        switch origin {
        case .hit: "\(hit)\(secondsLeft)"
        case .miss: "paypage; fwd=uri-miss; stored"
        case .stale: "paypage; fwd=stale; stored"
        case .collapsed(let wasStale): "paypage; fwd=\(wasStale ? "stale" : "uri-miss"); collapsed"
        }
    }
}
