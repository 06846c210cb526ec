import PayCore
import Synchronization

/// The values of the metric label `reason`. Providers choose their codes, so the number of codes is limited.
final class CodeLabels: Sendable {
    /// Codes with a series of their own: with the general reasons, four channels stay below the limit of a family.
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
