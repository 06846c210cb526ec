/// The origin of a page.
public enum PageOrigin: Hashable, Sendable {
    /// The page was stored and live.
    case hit
    /// No page was stored, so the provider was called.
    case miss
    /// The stored page had expired, so the provider was called.
    case stale
    /// Another call was making the page, and this call waited for it.
    case collapsed(wasStale: Bool)

    /// The word for it in metrics.
    package var name: String {
        switch self {
        case .hit: "hit"
        case .miss: "miss"
        case .stale: "stale"
        case .collapsed: "collapsed"
        }
    }

    /// Every ``name``.
    package static let names = [PageOrigin.hit, .miss, .stale, .collapsed(wasStale: false)].map(\.name)
}
