import PayCore
import PayFlow

extension Settings {
    /// The comparison of the providers' bills with the books.
    struct Reconciliation: Sendable {
        /// Whether the service fetches the bills by itself.
        let isEnabled: Bool
        let schedule: BillSchedule
        let foreign: ForeignLines

        func flow(_ flows: Flows, _ store: any BillStore) -> Reconcile {
            Reconcile(flows, store: store, schedule: schedule, foreign: foreign)
        }
    }
}

extension SettingsReader {
    mutating func reconciliation() -> Settings.Reconciliation? {
        let isEnabled = value(.reconcileEnabled, SettingRules.truth)
        let at = value(.reconcileAt, SettingRules.timeOfDay)
        let foreign = value(.reconcileForeign, SettingRules.choice(_:) as Rule<ForeignLines>)
        guard let isEnabled, let at, let foreign else { return nil }
        return Settings.Reconciliation(isEnabled: isEnabled, schedule: BillSchedule(at: at), foreign: foreign)
    }
}

extension SettingRules {
    /// The time since midnight.
    static func timeOfDay(_ text: String) throws(Complaint) -> Duration {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.map(\.count) == [2, 2], parts.allSatisfy({ String($0).isASCIIDigits }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), (0...23).contains(hour), (0...59).contains(minute)
        else { throw Complaint("is not a time of the day", remedy: "write it as HH:MM, such as 10:30") }
        return .seconds(hour * 3_600 + minute * 60)
    }
}
