import PayAPI
import PayCore

/// A channel that is configured or has work in the database.
struct ListedChannel {
    let channel: Channel
    /// The setting `channels.NAME.accept`; nil if the channel is not configured.
    let accepts: Bool?
    let pausedAt: Instant?
    /// Attempts that may take money.
    let attempts: Int
    /// Refunds in progress.
    let refunds: Int

    /// Whether a pay call may begin an attempt at this channel.
    fileprivate var isAccepting: Bool { accepts == true && pausedAt == nil }
}

/// The table of `paypage channels list`.
struct ChannelTable {
    private let channels: [ListedChannel]

    init(_ channels: [ListedChannel]) {
        self.channels = channels
    }

    var text: String {
        guard !channels.isEmpty else { return "no channels" }
        return TextTable(
            head: ["CHANNEL", "NEW ATTEMPTS", "MAY TAKE MONEY", "REFUNDS IN PROGRESS"],
            rows: channels.map { [$0.channel.name, words($0), "\($0.attempts)", "\($0.refunds)"] }
        ).text
    }

    private func words(_ listed: ListedChannel) -> String {
        if let pausedAt = listed.pausedAt {
            let time = UTCTime(pausedAt)
            return "paused since \(time.day) \(time.time)"
        }
        return switch listed.accepts {
        case true?: "yes"
        case false?: "no: channels.NAME.accept"
        case nil: "not configured"
        }
    }
}

/// The JSON of `paypage channels list`.
struct ChannelListJSON: Encodable {
    struct Entry: Encodable {
        let channel: String
        let is_configured: Bool
        let is_accepting: Bool
        let paused_at: Timestamp?
        let attempts_that_may_take_money: Int
        let refunds_in_progress: Int

        init(_ listed: ListedChannel) {
            channel = listed.channel.name
            is_configured = listed.accepts != nil
            is_accepting = listed.isAccepting
            paused_at = listed.pausedAt.map(Timestamp.init)
            attempts_that_may_take_money = listed.attempts
            refunds_in_progress = listed.refunds
        }
    }

    let channels: [Entry]

    init(_ channels: [ListedChannel]) {
        self.channels = channels.map(Entry.init)
    }
}
