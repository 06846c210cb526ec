import Hummingbird
import PayAPI
import PayCore
import PayFlow

/// The channels, and the pause of one.
struct ChannelPages: Sendable {
    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [
            .get("/console/channels", role: .viewer) { visit, _ in try await list(visit) },
            .get("/console/channels/{name}", role: .viewer) { try await channel($0, $1) },
            .post("/console/channels/{name}/pause", role: .operator) { visit, who, _ in try await pause(visit, who) },
            .post("/console/channels/{name}/resume", role: .operator) { visit, who, _ in try await resume(visit, who) },
        ]
    }

    private func list(_ visit: ConsoleVisit) async throws -> ConsoleAnswer {
        let channels = try await ChannelState.all(parts, at: visit.now)
        let language = visit.language
        let title = language.of("Channels", "渠道")
        var block = Block("channels", title)
        if channels.isEmpty {
            block.empty = language.of("No channel is configured.", "未配置渠道。")
        } else {
            block.table = Table(
                title,
                [
                    language.of("Channel", "渠道"), language.of("Provider", "支付平台"), language.of("New attempts", "新支付单"),
                    language.of("Circuit", "熔断"), language.of("May take money", "可能收款的支付单"),
                    language.of("Refunds in progress", "处理中的退款"), language.of("Terminals", "终端"),
                ],
                channels.map { state -> [Value] in
                    [
                        Value(state.channel.name).linked(to: PagePath.channel(state.channel)),
                        Value(state.kind?.rawValue ?? "–"), state.acceptance(language), state.circuit(language),
                        .number(state.attempts), .number(state.refunds),
                        Value(state.offered?.terminals.map(\.rawValue).joined(separator: ", ") ?? "–"),
                    ]
                })
        }
        return .page(ConsolePage(title, in: .channels, BlocksView(heading: title, blocks: [block])))
    }

    private func channel(_ visit: ConsoleVisit, _ who: SignedIn) async throws -> ConsoleAnswer {
        guard let state = try await ChannelState.all(parts, at: visit.now).first(where: { $0.channel == visit.channel })
        else { return .notFound }
        let language = visit.language
        let title = language.of("Channel \(state.channel)", "渠道 \(state.channel)")
        var facts = Block("particulars", language.of("Particulars", "基本信息"))
        let entry = state.offered?.entry
        facts.facts = Facts([
            Fact(language.of("Provider", "支付平台"), Value(state.kind?.rawValue ?? "–")),
            Fact(language.of("Title", "名称"), entry.map { Value(language.of($0.englishTitle, $0.chineseTitle)) }),
            Fact(language.of("New attempts", "新支付单"), state.acceptance(language)),
            Fact(language.of("Circuit", "熔断"), state.circuit(language)),
            Fact(language.of("Attempts that may take money", "可能收款的支付单"), .number(state.attempts)),
            Fact(language.of("Refunds in progress", "处理中的退款"), .number(state.refunds)),
            Fact(
                language.of("Terminals", "终端"),
                state.offered.map { Value($0.terminals.map(\.rawValue).joined(separator: ", ")) }),
            Fact(
                language.of("Currencies", "币种"),
                state.offered.map { Value($0.currencies?.joined(separator: ", ") ?? language.of("any", "全部")) }),
        ])
        let view = BlocksView(
            heading: title,
            crumbs: [Crumb(crumbText: language.of("Channels", "渠道"), crumbHref: PagePath.channels)],
            blocks: [facts, change(state, who, language)])
        return .page(ConsolePage(title, in: .channels, view))
    }

    private func change(_ state: ChannelState, _ who: SignedIn, _ language: ConsoleLanguage) -> Block {
        var block = Block("actions", language.of("Actions", "可执行的操作"))
        let isPaused = state.pausedAt != nil
        let name = isPaused ? language.of("Resume", "恢复") : language.of("Pause", "暂停")
        if let why = language.whyNot(who.role, needs: .operator) {
            block.actionList = ActionList(
                actions: [ActionList.Action(actionName: name, actionHref: nil, why: why)])
            return block
        }
        block.lead =
            isPaused
            ? language.of("The channel creates new attempts again.", "渠道将重新创建支付单。")
            : language.of(
                "The channel creates no new attempts until it is resumed. Attempts, notices and refunds that it has go on.",
                "恢复前渠道不再创建新的支付单。已有的支付单、通知和退款照常处理。")
        let form = FormBlock.changing(
            "change", "\(PagePath.channel(state.channel))/\(isPaused ? "resume" : "pause")", [], submit: name)
        block.forms = [isPaused ? form : form.grave()]
        return block
    }

    private func pause(_ visit: ConsoleVisit, _ who: SignedIn) async throws -> ConsoleAnswer {
        try await change(visit, who) { channel, actor in
            let isNews = try await parts.store.pause(channel, by: actor, at: visit.now)
            return isNews
                ? .done(
                    visit.language.of("\(channel) is paused: it creates no new attempts.", "\(channel) 已暂停：不再创建新的支付单。")
                )
                : .warning(visit.language.of("\(channel) was paused before.", "\(channel) 此前已暂停。"))
        }
    }

    private func resume(_ visit: ConsoleVisit, _ who: SignedIn) async throws -> ConsoleAnswer {
        try await change(visit, who) { channel, actor in
            let wasPaused = try await parts.store.resume(channel, by: actor, at: visit.now)
            return wasPaused
                ? .done(visit.language.of("\(channel) creates new attempts again.", "\(channel) 已恢复，可创建新的支付单。"))
                : .warning(visit.language.of("\(channel) was not paused.", "\(channel) 并未暂停。"))
        }
    }

    private func change(
        _ visit: ConsoleVisit, _ who: SignedIn, _ change: (Channel, Actor) async throws -> ConsoleFlash
    ) async throws -> ConsoleAnswer {
        guard let channel = visit.channel,
            try await ChannelState.all(parts, at: visit.now).contains(where: { $0.channel == channel })
        else { return .notFound }
        return .redirect(to: PagePath.channel(channel), saying: try await change(channel, visit.actor(who)))
    }
}

/// A channel that is configured or has work in the database.
private struct ChannelState: Sendable {
    let channel: Channel
    let kind: ProviderKind?
    /// Nil if it is not configured.
    let offered: OfferedChannel?
    let pausedAt: Instant?
    let circuitOpenSince: Instant?
    let attempts: Int
    let refunds: Int

    static func all(_ parts: ConsoleParts, at now: Instant) async throws -> [ChannelState] {
        let offered = try await ListChannels(parts.flows)(on: nil, in: nil)
        let pauses = try await parts.store.channelPauses()
        let circuits = try await parts.store.openCircuits(at: now)
        let work = try await parts.store.channelsAtWork()
        let kinds = try await parts.store.channelKinds()
        let names = offered.map(\.entry.channel)
        let others = Set(pauses.keys).union(work.map(\.channel)).subtracting(names).sorted()
        return (names + others).map { channel in
            let known = offered.first { $0.entry.channel == channel }
            let work = work.first { $0.channel == channel }
            return ChannelState(
                channel: channel, kind: known?.entry.kind ?? kinds[channel], offered: known, pausedAt: pauses[channel],
                circuitOpenSince: circuits[channel], attempts: work?.attempts ?? 0, refunds: work?.refunds ?? 0)
        }
    }

    func acceptance(_ language: ConsoleLanguage) -> Value {
        if let pausedAt {
            return .badge(language.of("paused", "已暂停"), .warn)
                .noted(language.of("since \(UTCTime(pausedAt).seconds)", "自 \(UTCTime(pausedAt).seconds)"))
        }
        guard let offered else { return .badge(language.of("not configured", "未配置"), .bad) }
        return offered.isAccepting
            ? .badge(language.of("yes", "接受"), .good)
            : .badge(language.of("no: channels.\(channel).accept", "否：channels.\(channel).accept"), .warn)
    }

    func circuit(_ language: ConsoleLanguage) -> Value {
        guard let circuitOpenSince else { return .badge(language.of("closed", "正常"), .good) }
        return .badge(language.of("open", "已熔断"), .bad)
            .noted(language.of("since \(UTCTime(circuitOpenSince).seconds)", "自 \(UTCTime(circuitOpenSince).seconds)"))
    }
}

extension ConsoleVisit {
    fileprivate var channel: Channel? { parameter("name").flatMap(Channel.init) }
}
