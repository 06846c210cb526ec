public import PayCore

/// Lists the configured channels for a buyer's choice. Reads the pauses, and nothing else.
public struct ListChannels: Sendable {
    let parts: FlowParts

    public init(_ flows: Flows) {
        parts = flows.parts
    }

    /// The channels that support the terminal and the currency, in the order of the list. Nil stands for any.
    public func callAsFunction(on terminal: Terminal?, in currency: Currency?) async throws -> [OfferedChannel] {
        let refusing = try await parts.acceptance.refusing()
        return parts.channels.entries.compactMap { entry in
            guard let terms = parts.providers[entry.channel]?.terms else { return nil }
            let offered = OfferedChannel(entry, terms, isAccepting: !refusing.contains(entry.channel))
            return offered.supports(terminal, currency) ? offered : nil
        }
    }
}

/// A channel with the limits of its provider.
public struct OfferedChannel: Hashable, Sendable {
    public let entry: ChannelList.Entry
    /// In the order of ``Terminal``.
    public let terminals: [Terminal]
    /// In alphabetical order. Nil stands for every currency.
    public let currencies: [String]?
    /// Whether the channel takes new attempts: it is neither switched off in the settings nor paused.
    public let isAccepting: Bool

    init(_ entry: ChannelList.Entry, _ terms: ProviderTerms, isAccepting: Bool) {
        self.entry = entry
        terminals = Terminal.allCases.filter { terms.trades[$0] != nil }
        currencies = terms.currencies?.sorted()
        self.isAccepting = isAccepting
    }

    fileprivate func supports(_ terminal: Terminal?, _ currency: Currency?) -> Bool {
        (terminal.map(terminals.contains) ?? true) && (currency.map { currencies?.contains($0.code) ?? true } ?? true)
    }
}
