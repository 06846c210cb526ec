import PayCore
import PayFlow

/// The network between one process and one provider: it delays, drops, duplicates and reorders. The adapter's part in
/// it is to tell what came from what did not.
struct Wire: PaymentProvider {
    let process: ServiceProcess
    let books: Books

    private var world: World { process.world }
    var channel: Channel { books.channel }
    var kind: ProviderKind { ProviderKind(rawValue: books.channel.name) ?? .sandbox }
    var terms: ProviderTerms { books.style.terms }

    var bills: (any BillSource)? { world.setting.hasBills ? BillWire(process: process, books: books) : nil }

    func pause(at now: Instant) -> Duration? { nil }

    func create(_ request: CreateRequest) async -> CreateAnswer {
        guard process.isAlive, !process.diesNow("before a create") else { return .unknown(.unanswered(.timeout)) }
        world.watch.sending(request, from: process)
        let isRefused = world.dice.chance(world.weather.refusals)
        let label = "create \(request.tradeNumber) for \(request.terminal)"
        let land: () -> CreateAnswer = { [world, books] in
            world.watch.landing(request, at: books)
            return books.create(request, isRefused: isRefused, at: world.now)
        }
        guard !books.style.signsPagesLocally else {
            let answer = land()
            world.trace.write(world.now, process.name, "\(label) at \(channel), signed here → \(answer.spelled)")
            return answer
        }
        let isUnlisted = world.dice.chance(world.weather.unlistedCreates)
        if isDown, world.dice.chance(0.2) {
            return .notSent(reason: "no connection")
        }
        return await exchange(
            label, landsBefore: world.watch.landsBefore(request.tradeNumber, from: process),
            unanswered: .unknown(.unanswered(.timeout)), garbled: .unknown(.answered(.unreadable))
        ) { [world, books] in
            guard isUnlisted else { return land() }
            world.tally[.unlisted] += 1
            if world.dice.chance(0.5) { _ = land() }
            return .unknown(books.unlisted)
        }
    }

    func query(_ trade: TradeReference) async -> QueryAnswer {
        await exchange(
            "query \(trade.number)", landsBefore: world.now + world.setting.rules.leaseLength,
            unanswered: .unknown(.unanswered(.timeout)), garbled: .unknown(.answered(.unreadable))
        ) { [world, books] in
            let answer = books.query(trade.number, at: world.now)
            guard case .paid(let receipt) = answer else { return answer }
            return .paid(books.read(receipt, at: world.now))
        }
    }

    func close(_ trade: TradeReference) async -> CloseAnswer {
        guard process.isAlive else { return .unknown(.unanswered(.timeout)) }
        world.watch.sendingClose(of: trade.number, from: process)
        return await exchange(
            "close \(trade.number)", landsBefore: world.watch.landsBefore(trade.number, from: process),
            unanswered: .unknown(.unanswered(.timeout)), garbled: .unknown(.answered(.unreadable))
        ) { [world, books] in books.close(trade.number, at: world.now) }
    }

    func refund(_ refund: RefundRequest) async -> RefundAnswer {
        await exchange(
            "refund \(refund.number)", landsBefore: world.now + .seconds(120),
            unanswered: .unknown(.unanswered(.timeout)),
            garbled: .unknown(.answered(.unreadable))
        ) { [self] in
            if world.dice.chance(world.weather.lowBalances) {
                books.noteRefusal(of: refund, isBalance: true)
                return .unknown(books.lowBalance)
            }
            guard world.dice.chance(world.weather.unlistedRefunds) else { return land(refund) }
            world.tally[.unlisted] += 1
            books.noteRefusal(of: refund, isBalance: false)
            if world.dice.chance(0.5) { _ = land(refund) }
            return .unknown(books.unlisted)
        }
    }

    private func land(_ refund: RefundRequest) -> RefundAnswer {
        let isDrawn = world.dice.chance(world.weather.refusedRefunds)
        if books.refusesForGood(refund, isDrawn: isDrawn, at: world.now) {
            world.tally[.refusedRefunds] += 1
            return .refused(reason: "RISK_CONTROL")
        }
        let before = books.given(refund.number, of: refund.tradeNumber)
        if before == nil { world.watch.landing(refund, at: books) }
        let answer = books.refund(refund, world.weather.fate(world.dice, books.style), at: world.now)
        if case .held = answer { books.noteRefusal(of: refund, isBalance: true) }
        let after = books.given(refund.number, of: refund.tradeNumber)
        if before == nil, let after, let payment = books.trades[refund.tradeNumber]?.payment {
            world.tell(of: after, payment)
            if after.isOverAt != nil { world.tally[after.everArrives ? .revokedRefunds : .closedRefunds] += 1 }
        }
        return answer
    }

    func findRefund(
        _ number: String, of trade: TradeReference, payment: TransactionID
    ) async -> ForeignRefundAnswer {
        await exchange(
            "find refund \(number)", landsBefore: world.now + world.setting.rules.leaseLength,
            unanswered: .unknown(.unanswered(.timeout)), garbled: .unknown(.answered(.unreadable))
        ) { [world, books] in books.findRefund(number, of: trade.number, at: world.now) }
    }

    func follow(_ refund: RefundRequest) async -> RefundAnswer {
        await exchange(
            "ask after refund \(refund.number)", landsBefore: world.now + .seconds(120),
            unanswered: .unknown(.unanswered(.timeout)), garbled: .unknown(.answered(.unreadable))
        ) { [world, books] in
            let answer = books.follow(refund, at: world.now)
            if case .held = answer { books.noteRefusal(of: refund, isBalance: true) }
            return answer
        }
    }

    func verify(_ notice: RawNotice, at now: Instant) throws(NoticeRefusal) -> ProviderNotice {
        if let told = RefundText(notice.body) { return told.notice }
        guard let told = NoticeText(notice.body), let receipt = told.receipt(from: channel) else {
            throw .unreadable
        }
        return ProviderNotice(
            id: told.id, tradeNumber: told.tradeNumber, content: .payment(books.read(receipt, at: now)))
    }

    func reply(to reception: NoticeReception) -> NoticeReply {
        NoticeReply(status: reception == .stored ? 200 : 500, contentType: "text/plain", body: "")
    }

    private var isDown: Bool { books.isDownUntil.map { world.now < $0 } ?? false }
}

extension Wire {
    /// The random fate of one request.
    private struct Fate {
        /// When it reaches the provider, if it does; and once more, if something on its way repeats it.
        var landsAt: [Instant] = []
        /// When its answer is back, counted from its first landing; nil when it is lost.
        var answerTakes: Duration?
        var isGarbled = false
    }

    /// One request: sent now, landing later or never, answered within the time-out or not at all.
    private func exchange<Answer: Sendable & Spelled>(
        _ label: @autoclosure () -> String, landsBefore: Instant, unanswered: Answer, garbled: Answer,
        _ land: @escaping () -> Answer
    ) async -> Answer {
        guard process.isAlive, !process.diesNow("before a provider call") else { return unanswered }
        let world = world
        let sentAt = world.now
        let timesOutAt = sentAt + world.setting.rules.providerTimeout
        let fate = fate(landsBefore: landsBefore)
        let call = Call(world.trace.isWritten ? "\(label()) at \(channel)" : "", world, process, unanswered)
        world.trace.write(sentAt, process.name, "\(call.label)")
        let answer = await withUnsafeContinuation { continuation in
            call.begin(continuation)
            for (index, landsAt) in fate.landsAt.enumerated() {
                world.at(landsAt, isEssential: true) {
                    let answer = call.land(land, isFirst: index == 0, isLate: landsAt >= timesOutAt)
                    guard index == 0, let takes = fate.answerTakes, landsAt + takes < timesOutAt else { return }
                    world.at(landsAt + takes) { call.end(fate.isGarbled ? garbled : answer) }
                }
            }
            if fate.landsAt.isEmpty, fate.isGarbled {
                world.at(sentAt + .milliseconds(20)) { call.end(garbled) }
            } else {
                world.at(timesOutAt) { call.timeOut() }
            }
        }
        return process.diesNow("behind a provider call") ? unanswered : answer
    }

    private func fate(landsBefore: Instant) -> Fate {
        let dice = world.dice
        let weather = world.weather
        if isDown { return Fate(isGarbled: dice.chance(0.5)) }
        if dice.chance(weather.lostRequests) {
            world.tally[.lostRequests] += 1
            return Fate()
        }
        var fate = Fate()
        let last = max(landsBefore - world.now - .milliseconds(1), .milliseconds(1))
        let isSlow = dice.chance(weather.slowRequests)
        let quick = Duration.milliseconds(20) ... .milliseconds(300)
        let takes = isSlow ? dice.duration(.milliseconds(1)...last) : min(dice.duration(quick), last)
        fate.landsAt = [world.now + takes]
        if dice.chance(weather.duplicatedRequests) {
            world.tally[.duplicatedRequests] += 1
            fate.landsAt.append(world.now + dice.duration(takes...last))
        }
        if dice.chance(weather.lostAnswers) {
            world.tally[.lostAnswers] += 1
        } else {
            fate.answerTakes =
                dice.chance(weather.slowRequests)
                ? dice.duration(.milliseconds(1)...world.setting.rules.providerTimeout) : dice.duration(quick)
        }
        if dice.chance(weather.garbledAnswers) {
            world.tally[.garbled] += 1
            fate.isGarbled = true
            if dice.chance(0.3) { fate.landsAt = [] }
        }
        return fate
    }
}

/// One request that waits for its answer.
private final class Call<Answer: Sendable & Spelled>: @unchecked Sendable {
    let label: String
    private let world: World
    private let process: ServiceProcess
    private let unanswered: Answer
    private var continuation: UnsafeContinuation<Answer, Never>?
    private var ticket: Int?

    init(_ label: String, _ world: World, _ process: ServiceProcess, _ unanswered: Answer) {
        self.label = label
        self.world = world
        self.process = process
        self.unanswered = unanswered
    }

    func begin(_ continuation: UnsafeContinuation<Answer, Never>) {
        self.continuation = continuation
        ticket = process.park { [self] isAlive in if !isAlive { resume(unanswered) } }
    }

    func land(_ body: () -> Answer, isFirst: Bool, isLate: Bool) -> Answer {
        if isLate { world.tally[.landedLate] += 1 }
        let answer = body()
        world.trace.write(
            world.now, "network",
            "\(label) landed\(isFirst ? "" : " again")\(isLate ? ", late" : ""): \(answer.spelled)")
        return answer
    }

    func end(_ answer: Answer) {
        guard continuation != nil else { return }
        world.trace.write(world.now, process.name, "\(label) → \(answer.spelled)")
        leave()
        resume(answer)
    }

    func timeOut() {
        guard continuation != nil else { return }
        world.tally[.timeouts] += 1
        end(unanswered)
    }

    private func leave() {
        if let ticket { process.forget(ticket) }
        ticket = nil
    }

    private func resume(_ answer: Answer) {
        continuation?.resume(returning: answer)
        continuation = nil
    }
}
