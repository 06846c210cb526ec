/// Decides when a connection is closed because of its age.
///
/// libcurl has one age for all connections, so those that a rush has made would all be closed at once, and made again in
/// another rush. Here each connection gets an age of its own at random, from half of the longest to the longest. libcurl's
/// limit remains for a connection that is not used again.
struct ConnectionLives {
    /// Both ends of a connection. No two open connections share them.
    struct Ends: Hashable {
        let localPort: Int32
        let remoteAddress: String
        let remotePort: Int32
    }

    private let longest: Duration
    /// More entries than this are swept, because most of their connections are gone.
    private let mostEntries: Int
    private var lastUse: [Ends: ContinuousClock.Instant] = [:]

    init(longest: Duration, connectionsKept: Int) {
        self.longest = longest
        mostEntries = max(connectionsKept, 1) * 4
    }

    var count: Int { lastUse.count }

    /// Whether the connection may be kept after the request that begins on it now. `chance` is from 0 up to 1.
    mutating func mayBeKept(_ ends: Ends, isNew: Bool, at now: ContinuousClock.Instant, chance: Double) -> Bool {
        if !isNew, let last = lastUse[ends] {
            guard now >= last else { return true }
            lastUse[ends] = nil
            return false
        }
        if lastUse.count >= mostEntries { lastUse = lastUse.filter { now < $0.value } }
        lastUse[ends] = now + longest * (0.5 + chance / 2)
        return true
    }
}
