import PayCore
import PayFlow

/// Checks the settings against the terms of each channel before the service starts.
struct ChannelChecks {
    let settings: Settings
    let rules: PayRules

    /// Every conflict, once.
    func mistakes(with providers: Providers) -> [SettingMistake] {
        let mistakes = providers.channels.compactMap { providers[$0] }.flatMap { provider in
            provider.terms.trades.values.flatMap { disagreements(with: $0, of: provider.channel) }
        }
        return Array(Set(mistakes))
    }

    private func disagreements(with trade: TradeTerms, of channel: Channel) -> [SettingMistake] {
        var mistakes: [SettingMistake] = []
        if settings.repayMode == .provider, !trade.numberMayBeAskedAgain {
            mistakes.append(
                SettingMistake(
                    .repayMode,
                    Complaint(
                        "is provider, but \(channel) rejects a second call with the same trade number",
                        remedy: "set it to cached")))
        }
        let left = rules.deadlines.providerLife(of: settings.orderTTL)
        if left < trade.shortestRoom(rules) {
            mistakes.append(
                SettingMistake(
                    .orderTTL,
                    Complaint(
                        "is too short for \(channel) to create a page",
                        remedy: "set it above provider.timeout plus the shortest page life of the channel")))
        }
        return mistakes
    }
}
