/// State shared by all transfers of one transport. Used only on the loop's thread.
struct TransferSetup {
    let limits: CurlTransport.Limits
    let options: [TransferOptions.Option]
    let lives: SharedLives
    /// Fixed addresses of hosts in libcurl's notation (`HOST:PORT:ADDRESS,ADDRESS`), in place of the resolver.
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

/// The connection ages of one transport, which all its transfers read and change.
final class SharedLives {
    var all: ConnectionLives

    init(_ all: ConnectionLives) {
        self.all = all
    }
}
