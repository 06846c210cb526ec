import PayCore

/// A pay call that is under way, and when it looked at the ledger: a page that it is given must have been live at one of
/// those moments.
final class CallRecord: @unchecked Sendable {
    @TaskLocal static var current: CallRecord?

    /// A look: the instant by which the flow judged, and how many commits there had been.
    struct Look {
        let at: Instant
        let commit: Int
    }

    let isFresh: Bool
    /// Who asks; nil for the merchant.
    let userID: UserID?
    private(set) var looks: [Look] = []

    init(isFresh: Bool, userID: UserID?) {
        self.isFresh = isFresh
        self.userID = userID
    }

    func looked(at: Instant, commit: Int) {
        looks.append(Look(at: at, commit: commit))
    }
}
