package import PayFlow

/// The value of `Cache-Status` (RFC 9211): what this service, as a cache, did with a call.
package enum CacheStatus {
    /// The value for a stored page, up to the seconds that it still lives.
    package static let hit = "paypage; hit; ttl="

    /// - Parameter secondsLeft: how long the page still lives, in seconds.
    package static func text(_ origin: PageOrigin, secondsLeft: Int64) -> String {
        switch origin {
        case .hit: "\(hit)\(secondsLeft)"
        case .miss: "paypage; fwd=uri-miss; stored"
        case .stale: "paypage; fwd=stale; stored"
        case .collapsed(let wasStale): "paypage; fwd=\(wasStale ? "stale" : "uri-miss"); collapsed"
        }
    }
}
