import PayCore
import PayFlow

/// The JSON of the channels that a buyer can choose from.
struct ChannelsAnswer: Encodable {
    struct Title: Encodable {
        let en: String
        let zh: String
    }

    struct Entry: Encodable {
        let channel: String
        let provider: String
        let title: Title
        let terminals: [String]
        /// Left out if the channel takes every currency.
        let currencies: [String]?
        let accepting: Bool

        init(_ offered: OfferedChannel) {
            channel = offered.entry.channel.name
            provider = offered.entry.kind.rawValue
            title = Title(en: offered.entry.englishTitle, zh: offered.entry.chineseTitle)
            terminals = offered.terminals.map(\.rawValue)
            currencies = offered.currencies
            accepting = offered.isAccepting
        }
    }

    let channels: [Entry]

    init(_ channels: [OfferedChannel]) {
        self.channels = channels.map(Entry.init)
    }
}
