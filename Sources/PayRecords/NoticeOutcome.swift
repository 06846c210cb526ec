package import PayCore

extension SettleAction {
    /// The word of `notices.outcome`. ``NoticeStanding`` reads all of them back but `orphan`, which belongs to no
    /// order.
    package var storedOutcome: String {
        switch self {
        case .paid: "paid"
        case .duplicate: "duplicate"
        case .late: "late"
        case .returned: "returned"
        case .alreadyRecorded: "repeated"
        case .disputed: "disputed"
        case .unknownTrade: "orphan"
        case .afterLastWord(let action): action.storedOutcome
        }
    }
}
