/// State shared by all transfers of one transport. It belongs to the loop's thread.
struct TransferSetup {
    let limits: CurlTransport.Limits
    let options: [TransferOptions.Option]
    let lives: SharedLives
    /// Addresses of hosts in libcurl's notation (`HOST:PORT:ADDRESS,ADDRESS`), in place of the resolver's.
    let fixedAddresses: [String]

    init(limits: CurlTransport.Limits, authoritiesFile: String?, fixedAddresses: [String]) {
        self.limits = limits
        self.fixedAddresses = fixedAddresses
        options = TransferOptions.options(limits, authorities: Authorities(file: authoritiesFile))
        lives = SharedLives(
            ConnectionLives(
                longest: .seconds(limits.connectionLifeSeconds), connectionsKept: limits.connectionsKept))
    }
}

/// The ages of one transport's connections, which each of its transfers reads and changes.
final class SharedLives {
    var all: ConnectionLives

    init(_ all: ConnectionLives) {
        self.all = all
    }
}
