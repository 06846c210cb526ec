import PayAPI
import PayCore

/// The JSON of `paypage operators list`.
struct OperatorListJSON: Encodable {
    struct Entry: Encodable {
        let name: String
        let role: String
        let has_password: Bool
        let has_codes: Bool
        let invited_until: Timestamp?
        let locked_until: Timestamp?
        let added_at: Timestamp
    }

    let operators: [Entry]

    init(_ operators: [OperatorAccount], at now: Instant) {
        func future(_ instant: Instant?) -> Timestamp? { instant.flatMap { now < $0 ? Timestamp($0) : nil } }
        self.operators = operators.map { account in
            Entry(
                name: account.name.text, role: account.role.rawValue, has_password: account.password != nil,
                has_codes: account.codes != nil, invited_until: future(account.invitation?.endsAt),
                locked_until: future(account.lockedUntil), added_at: Timestamp(account.addedAt))
        }
    }
}

/// The JSON of `paypage operators add` and `reset`.
struct InvitationJSON: Encodable {
    let name: String
    /// Only for a new operator.
    let role: String?
    let link: String
    let link_ends_at: Timestamp

    init(_ name: OperatorName, _ role: OperatorRole?, _ link: InvitationLink, endsAt: Instant) {
        self.name = name.text
        self.role = role?.rawValue
        self.link = link.address
        link_ends_at = Timestamp(endsAt)
    }
}

/// The JSON of `paypage operators change` and `remove`.
struct OperatorChangeJSON: Encodable {
    let name: String
    /// Nil for an operator who was removed.
    let role: String?
    let changed: Bool

    init(_ name: OperatorName, role: OperatorRole?, changed: Bool) {
        self.name = name.text
        self.role = role?.rawValue
        self.changed = changed
    }
}
