import PayCore
import Synchronization

/// The values of the metric label `reason`. Their number is limited, because providers choose the codes.
final class CodeLabels: Sendable {
    /// The number of codes with a series of their own. With the general reasons, four channels stay below a family's
    /// series limit.
    static let mostCodes = 16
    static let other = "code:other"

    private let seen = Mutex<Set<String>>([])

    func label(_ reason: UnknownReason) -> String {
        guard reason.error != nil else { return reason.text }
        let text = reason.text
        return seen.withLock { seen in
            if seen.contains(text) { return text }
            guard seen.count < Self.mostCodes else { return Self.other }
            seen.insert(text)
            return text
        }
    }
}
