/// The rights of an operator. Each role has those of the roles before it.
public enum OperatorRole: String, CaseIterable, Comparable, Sendable {
    /// Reads everything.
    case viewer
    /// Resends, retries, closes, pauses, decides disputes, and refunds up to a limit.
    case `operator`
    /// Refunds any amount, and manages operators and keys.
    case admin

    public static func < (one: OperatorRole, other: OperatorRole) -> Bool { one.rank < other.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
