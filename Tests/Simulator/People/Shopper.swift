import PayCore
import PayFlow

/// One order, with its user on several terminals and its merchant. They act by chance, and remember every page.
final class Shopper: @unchecked Sendable {
    enum Act {
        case pay, again, otherTerminal, otherChannel, whatever, fresh, merchantAgain, replayKey, close, stranger
    }

    let world: World
    let number: OrderNumber
    let user: UserID
    let money: Money
    let life: Duration
    /// Every page that they were ever given.
    private(set) var held: [HeldPage] = []
    private var channel: Channel
    private var terminal: Terminal
    private var lastTrade: TradeNumber?
    private var begunAt: Instant?
    private var retriesLeft = 12
    private var wasToldOver = false
    /// The merchant leaves the choice of the channel to the user.
    private let leavesTheChoice: Bool

    private static let terminals: [Terminal] = [.pc, .h5, .app]

    init(_ index: Int, in world: World) {
        self.world = world
        number = OrderNumber("order_\(index)")!
        user = UserID("user-\(index)")!
        money = Money(amount: Int64(100 * index + 1), currency: Currency("CNY")!)!
        let lives: [(weight: Double, choice: ClosedRange<Duration>)] = [
            (5, .seconds(180) ... .seconds(420)), (3, .seconds(420) ... .seconds(1_800)),
            (0.3, .seconds(1_800) ... .seconds(7_200)),
        ]
        life = world.dice.duration(world.dice.weighted(lives))
        channel = world.dice.pick(world.books).channel
        terminal = world.dice.pick(Self.terminals)
        leavesTheChoice = index % 5 == 4
    }

    private var dice: Dice { world.dice }
    private var deadline: Instant { (begunAt ?? world.now) + life }

    /// Plans what this order's people do.
    func begin() {
        at(world.now + dice.duration(.zero ... .seconds(90))) { [self] in
            begunAt = world.now
            perform(.pay)
            for _ in 0..<dice.int(0...7) { plan() }
            if dice.chance(0.12) { at(someTime()) { [self] in perform(.close) } }
            if dice.chance(0.05) { at(someTime()) { [self] in perform(.stranger) } }
            if dice.chance(0.2) { at(someTime()) { [self] in perform(.replayKey) } }
        }
    }

    private func at(_ instant: Instant, _ action: @escaping () -> Void) {
        world.at(max(instant, world.now), isEssential: true, action)
    }

    /// A moment of the order's life: soon, some time, at one of its edges, or after it.
    private func someTime() -> Instant {
        let rules = world.setting.rules
        let cutOff = rules.deadlines.cutOff(of: deadline)
        return dice.weighted([
            (4.0, world.now + dice.duration(.zero ... .seconds(40))),
            (4.0, world.now + dice.duration(.zero...life)),
            (1.0, cutOff - dice.duration(.zero ... .seconds(5))),
            (0.6, cutOff + dice.duration(.zero ... .seconds(70))),
            (0.6, deadline - dice.duration(.zero ... .seconds(2))),
            (0.4, deadline + dice.duration(.zero ... .seconds(200))),
        ])
    }

    private func plan() {
        let act = dice.weighted([
            (3.0, Act.again), (2.5, .otherTerminal), (5.0, .otherChannel), (0.5, .whatever), (0.7, .fresh),
            (0.5, .merchantAgain),
        ])
        let when = someTime()
        at(when) { [self] in perform(act) }
        guard dice.chance(0.15) else { return }
        // Two terminals in the same moment.
        at(when) { [self] in perform(dice.pick([.again, .otherTerminal, .otherChannel])) }
    }
}

extension Shopper {
    private func perform(_ act: Act) {
        // A user who knows that the order is over seldom asks again.
        if wasToldOver, dice.chance(0.8) { return }
        switch act {
        case .pay, .merchantAgain, .replayKey:
            firstPay(key: act == .merchantAgain ? "again_\(dice.int(0...3))" : "first")
        case .again:
            repay(channel, terminal)
        case .whatever:
            repay(nil, nil)
        case .otherTerminal:
            repay(channel, dice.pick(Self.terminals))
        case .otherChannel:
            // Back to the one before, more often than on to a third.
            let last = dice.chance(0.5) ? held.last { $0.channel != channel }?.channel : nil
            let others = world.books.map(\.channel).filter { $0 != channel }
            repay(last ?? dice.pickOrNil(others) ?? channel, dice.chance(0.6) ? terminal : dice.pick(Self.terminals))
        case .fresh:
            repay(channel, terminal, fresh: true)
        case .stranger:
            repay(channel, terminal, by: UserID("stranger")!)
        case .close:
            close()
        }
    }

    private func firstPay(key: String) {
        let isShared = world.setting.sharesKeys && dice.chance(0.3)
        let isOpen = leavesTheChoice && key == "first"
        let (channel, terminal) = isOpen ? (nil, nil) : (channel as Channel?, terminal as Terminal?)
        let use = IdempotencyKey(isShared ? "shared_\(dice.int(0...2))" : "\(key)_\(number)").map {
            KeyUse(
                key: ScopedKey(scope: "merchant POST /v1/payments", key: $0),
                fingerprint: "\(number) \(channel?.name ?? "-") \(terminal?.rawValue ?? "-")")
        }
        send(
            PayRequest(
                number: number, userID: nil, draft: draft(), channel: channel, terminal: terminal, openID: nil,
                clientIP: nil, fresh: false, key: use))
    }

    /// The order as a first pay call describes it, whenever it is made.
    private func draft() -> Order {
        Order(
            number: number, userID: user, money: money, subject: Subject("two cups")!, returnURL: nil,
            createdAt: world.now, deadline: world.now + life)
    }

    private func repay(_ channel: Channel?, _ terminal: Terminal?, fresh: Bool = false, by user: UserID? = nil) {
        if user == nil, let channel, let terminal {
            self.channel = channel
            self.terminal = terminal
        }
        if dice.chance(0.15) { payOldPage(within: world.setting.rules.providerTimeout) }
        send(
            PayRequest(
                number: number, userID: user ?? self.user, draft: nil, channel: channel, terminal: terminal,
                openID: nil, clientIP: nil, fresh: fresh, key: nil))
    }

    private func send(_ request: PayRequest) {
        guard let process = world.anyProcess() else { return retry(request, after: .seconds(1)) }
        world.tally[.payCalls] += 1
        let record = CallRecord(
            isFresh: request.fresh, userID: request.userID, leavesChannelOut: request.variant.channel == nil)
        world.trace.write(world.now, "\(user)", "asks \(process.name): \(request.spelled)")
        world.call(request.spelled) { [self] in
            do {
                let result = try await CallRecord.$current.withValue(record) { try await process.flows.pay(request) }
                // An answer of a process that died meanwhile reached nobody.
                guard process.isAlive else { return }
                switch result {
                case .served(let answer): take(answer, request, record)
                case .ordered(let answer): choose(answer, request, record)
                case .refused(let refusal, _): hear(refusal, request)
                }
            } catch is Crashed {
                world.trace.write(world.now, "\(user)", "hears nothing")
                retry(request, after: dice.duration(.zero ... .seconds(5)))
            } catch {
                world.fail(.unexpectedError, "a pay call for \(number) threw \(error)")
            }
        }
    }

    private func take(_ answer: PayAnswer, _ request: PayRequest, _ record: CallRecord) {
        world.trace.write(
            world.now, "\(user)",
            "is given \(answer.served.page.content) until "
                + "\(world.trace.stamp(answer.served.page.expiresAt)), \(answer.origin)")
        if answer.isReplay { world.tally[.replays] += 1 }
        world.watch.handedOut(answer, to: request, record)
        guard let page = HeldPage(answer.served), !held.contains(page) else { return }
        if let lastTrade, lastTrade != page.tradeNumber {
            world.tally[page.tradeNumber.sequence < lastTrade.sequence ? .revivals : .switches] += 1
            if dice.chance(0.35) { payOldPage(within: .seconds(30)) }
            if dice.chance(0.15) { payOldPage(within: .seconds(120)) }
            if dice.chance(0.2) {
                // Both, one after the other or at once.
                payOldPage(within: .seconds(10))
                at(world.now + dice.duration(.zero ... .seconds(10))) { [self] in pay(page) }
            }
        }
        lastTrade = page.tradeNumber
        held.append(page)
        usePage(page)
    }

    /// The user opens the checkout page, and chooses.
    private func choose(_ answer: OrderedAnswer, _ request: PayRequest, _ record: CallRecord) {
        world.trace.write(world.now, "\(user)", "is given the order \(number)")
        if answer.isReplay { world.tally[.replays] += 1 }
        world.tally[.openOrders] += 1
        world.watch.handedOut(answer, to: request, record)
        at(world.now + dice.duration(.zero ... .seconds(20))) { [self] in perform(.again) }
    }

    private func hear(_ refusal: PayRefusal, _ request: PayRequest) {
        world.tally[.refusals] += 1
        world.trace.write(world.now, "\(user)", "is refused: \(refusal)")
        if case .orderNotNew = refusal { wasToldOver = true }
        switch refusal {
        case .inProgress(let pause), .providerUnknown(let pause), .providerUnavailable(let pause), .tooOften(let pause):
            retry(request, after: dice.chance(0.7) ? pause : dice.duration(.zero...max(pause, .zero)))
        case .providerRefused:
            retry(request, after: .seconds(1))
        case .keyReused, .noSuchOrder, .orderMismatch, .orderNotNew, .tooLate, .pageSuperseded, .channelUnavailable,
            .unacceptable, .switchUnsafe, .tooManyAttempts:
            break
        }
    }

    private func retry(_ request: PayRequest, after pause: Duration) {
        guard retriesLeft > 0, dice.chance(request.draft == nil ? 0.5 : 0.9) else { return }
        retriesLeft -= 1
        at(world.now + pause) { [self] in
            send(
                PayRequest(
                    number: number, userID: request.userID, draft: request.draft.map { _ in draft() },
                    channel: request.variant.channel, terminal: request.variant.terminal, openID: nil, clientIP: nil,
                    fresh: request.fresh, key: request.key))
        }
    }

    private func close() {
        guard let process = world.anyProcess() else { return }
        world.tally[.merchantCloses] += 1
        world.trace.write(world.now, "merchant", "closes \(number) at \(process.name)")
        if dice.chance(0.4) { payOldPage(within: .seconds(15)) }
        world.call("close of \(number)") { [self] in
            do {
                let result = try await process.flows.close(number, by: .shop)
                guard process.isAlive else { return }
                world.trace.write(world.now, "merchant", "is told: \(result.spelled)")
                if case .closed = result, dice.chance(0.5) { payOldPage(within: .seconds(90)) }
                guard case .refused(let refusal, _) = result, refusal.isAskedAgain, dice.chance(0.8) else { return }
                at(world.now + dice.duration(.seconds(1) ... .seconds(20))) { [self] in close() }
            } catch is Crashed {
                at(world.now + dice.duration(.seconds(1) ... .seconds(20))) { [self] in close() }
            } catch {
                world.fail(.unexpectedError, "the close of \(number) threw \(error)")
            }
        }
    }
}

extension Shopper {
    /// The acts of a user with a new page.
    private func usePage(_ page: HeldPage) {
        let trade = world.books(page.channel).trades[page.tradeNumber]
        let end = trade?.endsAt ?? page.expiresAt
        if dice.chance(0.4) {
            at(world.now + dice.duration(.milliseconds(300) ... .seconds(20))) { [self] in open(page) }
        }
        if dice.chance(0.22) { at(world.now + dice.duration(.seconds(1) ... .seconds(60))) { [self] in pay(page) } }
        if dice.chance(0.15) { at(world.now + dice.duration(.seconds(1)...life)) { [self] in pay(page) } }
        if dice.chance(0.1) { at(end - dice.duration(.milliseconds(1) ... .seconds(2))) { [self] in pay(page) } }
        if dice.chance(0.15) {
            at(page.expiresAt + dice.duration(.seconds(-2) ... .seconds(2))) { [self] in perform(.again) }
        }
    }

    /// Any page that they have; one of another trade where there is one.
    private func payOldPage(within longest: Duration) {
        let others = held.filter { $0.tradeNumber != lastTrade }
        guard let page = dice.pickOrNil(others.isEmpty ? held : others) else { return }
        at(world.now + dice.duration(.zero...longest)) { [self] in pay(page) }
    }

    private func payAlso(_ paid: TradeNumber, within longest: Duration) {
        guard let page = dice.pickOrNil(held.filter { $0.tradeNumber != paid }) else { return }
        at(world.now + dice.duration(.zero...longest)) { [self] in pay(page) }
    }

    /// The merchant's staff see a payment that the shop knows nothing of, or wants no more, and give it back. Money
    /// that the service is about to give back by itself they leave alone.
    private func planConsoleRefund(_ receipt: Receipt) {
        // Most at once: after the first query, the money is known.
        let longest: Duration = dice.chance(0.8) ? .seconds(10) : .seconds(400)
        at(world.now + dice.duration(.zero...longest)) { [self] in
            let books = world.books(receipt.channel)
            guard let trade = books.trades[receipt.tradeNumber] else { return }
            let recorded = world.watch.orders[number]?.receipts.first {
                $0.receipt.transactionID == receipt.transactionID
            }
            guard !trade.hasSaidPaid || recorded?.standing == .honest,
                let given = books.refundInConsole(receipt.tradeNumber, at: world.now)
            else { return }
            world.tell(of: given, receipt)
            world.tally[.consoleRefunds] += 1
            world.trace.write(world.now, "staff", "REFUND \(receipt.tradeNumber) in the console of \(receipt.channel)")
        }
    }

    private func open(_ page: HeldPage) {
        world.trace.write(world.now, "\(user)", "opens the page of \(page.tradeNumber) on \(page.terminal)")
        world.books(page.channel).open(page, at: world.now)
    }

    /// Up to the password prompt, and a while later the money.
    private func pay(_ page: HeldPage) {
        let books = world.books(page.channel)
        guard books.mayBegin(page, at: world.now) else { return }
        books.open(page, at: world.now)
        let begunAt = world.now
        let longest: Duration = dice.chance(0.1) ? .seconds(60) : .seconds(6)
        let takes = dice.duration(.milliseconds(100)...longest)
        world.trace.write(begunAt, "\(user)", "is about to pay \(page.tradeNumber) at \(page.channel)")
        at(begunAt + takes) { [self] in
            let wasClosed = books.trades[page.tradeNumber]?.isClosed ?? false
            let surplus: Int64 = dice.chance(world.setting.wrongAmounts) ? dice.pick([-1, -40, 1, 250]) : 0
            guard let receipt = books.finish(page, begunAt: begunAt, surplus: surplus, at: world.now) else {
                world.trace.write(world.now, "\(user)", "can't pay \(page.tradeNumber) any more")
                return
            }
            world.trace.write(world.now, "\(user)", "PAYS \(page.tradeNumber) at \(page.channel): \(receipt.amount)")
            world.tally[.payments] += 1
            if wasClosed { world.tally[.afterClose] += 1 }
            if page.tradeNumber != lastTrade { world.tally[.oldPagePayments] += 1 }
            if world.isPaidElsewhere(receipt) { world.tally[.secondPayments] += 1 }
            let isTold = NoticeSender(receipt, in: world).beginUnlessForgotten()
            if !isTold, dice.chance(world.setting.consoleRefunds) { planConsoleRefund(receipt) }
            // Some pay again, by whatever other page they have.
            if dice.chance(0.35) { payAlso(page.tradeNumber, within: dice.chance(0.5) ? .seconds(3) : .seconds(30)) }
        }
    }
}

extension PayRequest {
    var spelled: String {
        let what = [
            variant.channel.map { "\($0)" }, variant.terminal.map { "\($0)" }, fresh ? "fresh" : nil,
            key.map { "key \($0.key.key.text)" },
        ]
        return "\(draft == nil ? "repay" : "pay") \(number) " + what.compactMap(\.self).joined(separator: " ")
    }
}

extension PayRefusal {
    fileprivate var isAskedAgain: Bool {
        switch self {
        case .inProgress, .providerUnknown, .providerUnavailable: true
        case .keyReused, .noSuchOrder, .orderMismatch, .orderNotNew, .tooLate, .pageSuperseded, .channelUnavailable,
            .unacceptable, .tooOften, .switchUnsafe, .tooManyAttempts, .providerRefused:
            false
        }
    }
}

extension CloseResult {
    fileprivate var spelled: String {
        switch self {
        case .closed(let order): "\(order.number) is closed"
        case .refused(let refusal, _): "\(refusal)"
        }
    }
}
