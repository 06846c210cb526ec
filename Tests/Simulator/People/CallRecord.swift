import PayCore

/// A pay call that is under way, and when it looked at the ledger: a page that it is given must have been live at one
/// of those moments.
final class CallRecord: @unchecked Sendable {
    @TaskLocal static var current: CallRecord?

    /// A look: the instant by which the flow judged, and how many commits there had been.
    struct Look {
        let at: Instant
        let commit: Int
    }

    let isFresh: Bool
    /// The calling user; nil for the merchant.
    let userID: UserID?
    /// Whether the call names no channel.
    let leavesChannelOut: Bool
    private(set) var looks: [Look] = []
    /// The channels that the call last saw paused.
    private(set) var paused: Set<Channel> = []
    /// The channels whose open attempts the call has begun to close.
    private(set) var closed: Set<Channel> = []

    init(isFresh: Bool, userID: UserID?, leavesChannelOut: Bool) {
        self.isFresh = isFresh
        self.userID = userID
        self.leavesChannelOut = leavesChannelOut
    }

    func sawPaused(_ channels: Set<Channel>) { paused = channels }

    func closes(_ channel: Channel) { closed.insert(channel) }

    func looked(at: Instant, commit: Int) {
        looks.append(Look(at: at, commit: commit))
    }
}
