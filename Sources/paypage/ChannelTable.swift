import PayAPI
import PayCore
import PayFlow

/// A channel that is configured or has work in the database.
struct ListedChannel {
    let channel: Channel
    /// Nil if neither the settings nor the database know it.
    let kind: ProviderKind?
    let title: ChannelTitle
    let configuration: ChannelConfiguration
    let pausedAt: Instant?
    /// When the circuit of a running service opened; nil while it is closed.
    let circuitOpenSince: Instant?
    /// Attempts that may take money.
    let attempts: Int
    /// Refunds in progress.
    let refunds: Int

    /// Whether a pay call may begin an attempt at this channel.
    fileprivate var isAccepting: Bool { configuration == .accepting && pausedAt == nil }

    fileprivate var terminals: [String] { kind?.terminals.map(\.rawValue) ?? [] }

    fileprivate var entry: ChannelList.Entry? { kind.map { ChannelList.Entry(channel, $0, title: title) } }
}

/// The state of a channel in the settings.
enum ChannelConfiguration {
    /// The channel is only in the database.
    case none
    /// It has keys such as `channels.NAME.title.en`, but no valid `channels.NAME.provider`.
    case withoutProvider
    /// By `channels.NAME.accept`.
    case accepting, notAccepting

    init(_ named: NamedChannel?) {
        self =
            switch (named?.kind, named?.accepts) {
            case (_, nil): .none
            case (nil, _): .withoutProvider
            case (_, true?): .accepting
            case (_, false?): .notAccepting
            }
    }

    fileprivate var isComplete: Bool { self == .accepting || self == .notAccepting }
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
            head: [
                "CHANNEL", "PROVIDER", "TITLE", "TERMINALS", "NEW ATTEMPTS", "CIRCUIT", "MAY TAKE MONEY",
                "REFUNDS IN PROGRESS",
            ],
            rows: channels.map { listed in
                [
                    listed.channel.name, listed.kind?.rawValue ?? "unknown", listed.entry?.englishTitle ?? "",
                    listed.terminals.joined(separator: ","), words(listed),
                    listed.circuitOpenSince.map { "open since \(Self.time($0))" } ?? "closed", "\(listed.attempts)",
                    "\(listed.refunds)",
                ]
            }
        ).text
    }

    private static func time(_ instant: Instant) -> String {
        let time = UTCTime(instant)
        return "\(time.day) \(time.time)"
    }

    private func words(_ listed: ListedChannel) -> String {
        if let pausedAt = listed.pausedAt { return "paused since \(Self.time(pausedAt))" }
        return switch listed.configuration {
        case .accepting: "yes"
        case .notAccepting: "no: channels.NAME.accept"
        case .withoutProvider: "no provider set"
        case .none: "not configured"
        }
    }
}

/// The JSON of `paypage channels list`.
struct ChannelListJSON: Encodable {
    struct Entry: Encodable {
        struct Title: Encodable {
            let en: String
            let zh: String
        }

        let channel: String
        let provider: String?
        let title: Title?
        let terminals: [String]
        let is_configured: Bool
        let is_accepting: Bool
        let paused_at: Timestamp?
        let circuit_open_since: Timestamp?
        let attempts_that_may_take_money: Int
        let refunds_in_progress: Int

        init(_ listed: ListedChannel) {
            channel = listed.channel.name
            provider = listed.kind?.rawValue
            title = listed.entry.map { Title(en: $0.englishTitle, zh: $0.chineseTitle) }
            terminals = listed.terminals
            is_configured = listed.configuration.isComplete
            is_accepting = listed.isAccepting
            paused_at = listed.pausedAt.map(Timestamp.init)
            circuit_open_since = listed.circuitOpenSince.map(Timestamp.init)
            attempts_that_may_take_money = listed.attempts
            refunds_in_progress = listed.refunds
        }
    }

    let channels: [Entry]

    init(_ channels: [ListedChannel]) {
        self.channels = channels.map(Entry.init)
    }
}
