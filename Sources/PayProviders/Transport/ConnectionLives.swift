/// Decides when a connection is closed because of its age.
///
/// libcurl has one maximum age for all connections. The connections of a burst would therefore all close at once and
/// reopen in another burst. Here each connection gets a random maximum age between half of the longest and the longest.
/// libcurl's limit still applies to connections that are not used again.
struct ConnectionLives {
    /// The two ends of a connection. No two open connections have the same ends.
    struct Ends: Hashable {
        let localPort: Int32
        let remoteAddress: String
        let remotePort: Int32
    }

    private let longest: Duration
    /// Above this count expired entries are removed, because most of their connections are closed.
    private let mostEntries: Int
    private var lastUse: [Ends: ContinuousClock.Instant] = [:]

    init(longest: Duration, connectionsKept: Int) {
        self.longest = longest
        mostEntries = max(connectionsKept, 1) * 4
    }

    var count: Int { lastUse.count }

    /// Whether the connection may be reused after the request that starts now. `chance` is in 0..<1, and drawn for
    /// a new connection only.
    mutating func mayBeKept(
        _ ends: Ends, isNew: Bool, at now: ContinuousClock.Instant, chance: @autoclosure () -> Double
    ) -> Bool {
        if !isNew, let last = lastUse[ends] {
            guard now >= last else { return true }
            lastUse[ends] = nil
            return false
        }
        if lastUse.count >= mostEntries { lastUse = lastUse.filter { now < $0.value } }
        lastUse[ends] = now + longest * (0.5 + chance() / 2)
        return true
    }
}
