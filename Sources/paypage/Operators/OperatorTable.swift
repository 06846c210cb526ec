import PayAPI
import PayCore

/// The text of `paypage operators list`.
struct OperatorTable {
    private let operators: [OperatorAccount]
    private let now: Instant

    init(_ operators: [OperatorAccount], at now: Instant) {
        self.operators = operators
        self.now = now
    }

    var text: String {
        guard !operators.isEmpty else { return "no operators: add one with paypage operators add NAME --role admin" }
        let rows = operators.map { account in
            [
                account.name.text, account.role.rawValue, account.password == nil ? "no" : "yes",
                account.codes == nil ? "no" : "yes", standing(account),
            ]
        }
        return TextTable(head: ["NAME", "ROLE", "PASSWORD", "CODES", "STATE"], rows: rows).text
    }

    private func standing(_ account: OperatorAccount) -> String {
        if let until = account.lockedUntil, now < until { return "locked until \(Timestamp(until).text)" }
        guard let invitation = account.invitation else { return "active" }
        return now < invitation.endsAt ? "invited until \(Timestamp(invitation.endsAt).text)" : "invitation is over"
    }
}
