import PayCore
import PayFlow

/// How a kind of provider behaves. It works on its own books alone.
protocol ProviderStyle: Sendable {
    var channel: Channel { get }
    var terms: ProviderTerms { get }
    /// A page is signed by us: making one reaches nobody.
    var signsPagesLocally: Bool { get }

    /// A bank may send a refund back that has arrived.
    var revokesRefunds: Bool { get }
    /// Its bill has a refund on the day of its acceptance, and never tells how it ended.
    var billsAcceptedRefunds: Bool { get }
    /// A day without a payment has no bill.
    var hasNoEmptyBills: Bool { get }

    /// When a trade that is opened now can be paid no more.
    func end(of request: StoredRequest, openedAt now: Instant) -> Instant

    func create(_ request: CreateRequest, _ trade: inout Trade, at now: Instant, _ dice: Dice) -> CreateAnswer
    func close(_ trade: inout Trade, at now: Instant, _ dice: Dice) -> CloseAnswer
    func query(_ trade: Trade, at now: Instant) -> QueryAnswer

    /// Whether a user may begin to pay by this page.
    func takes(_ page: HeldPage, _ trade: Trade, at now: Instant) -> Bool
    /// Whether a user who began to pay may finish.
    func finishes(_ trade: Trade, begunAt: Instant, at now: Instant) -> Bool
}

extension ProviderStyle {
    var revokesRefunds: Bool { false }
    var billsAcceptedRefunds: Bool { false }
    var hasNoEmptyBills: Bool { false }

    /// A trade that can be closed is closed at once, and a query shows it.
    func close(_ trade: inout Trade, at now: Instant, _ dice: Dice) -> CloseAnswer {
        switch trade.state {
        case .unopened: return .noSuchTrade
        case .paid: return .alreadyPaid
        case .closed: return .accepted
        case .unpaid:
            trade.state = .closed(at: now, seenFrom: now)
            return .accepted
        }
    }

    /// A trade whose time is over is told as closed.
    func query(_ trade: Trade, at now: Instant) -> QueryAnswer {
        switch trade.state {
        case .unopened: .noSuchTrade
        case .unpaid: now < trade.endsAt ? .unpaid : .closed
        case .closed: .closed
        case .paid: trade.payment.map { .paid($0) } ?? .unpaid
        }
    }

    /// The next page of a trade. Its number tells it from those before.
    func page(
        _ trade: inout Trade, for request: CreateRequest, serves: Set<Terminal>, usableFor: Duration?,
        sessionEndsAt: Instant? = nil
    ) -> CreateAnswer {
        trade.pages += 1
        return .made(
            ProviderPage(
                kind: .html, content: "\(channel) \(trade.number) \(request.terminal) #\(trade.pages)", serves: serves,
                usableFor: usableFor, sessionEndsAt: sessionEndsAt))
    }
}

/// Pages are signed locally; the provider hears of a trade when somebody opens its page, and can't close it before.
struct AlipayStyle: ProviderStyle {
    let channel = Channel("alipay")!
    let signsPagesLocally = true

    let terms: ProviderTerms = {
        let trade = TradeTerms(
            serves: [.pc, .h5, .app], shortestLife: .refuseBelow(.seconds(60)), closeCanBeProven: false,
            numberMayBeAskedAgain: true, exposedCanBeRevived: true)
        return ProviderTerms(trades: [.pc: trade, .h5: trade, .app: trade])
    }()

    func end(of request: StoredRequest, openedAt now: Instant) -> Instant { request.providerDeadline }

    func create(_ request: CreateRequest, _ trade: inout Trade, at now: Instant, _ dice: Dice) -> CreateAnswer {
        page(&trade, for: request, serves: [request.terminal], usableFor: nil)
    }

    /// A page is good as long as its number is, however old.
    func takes(_ page: HeldPage, _ trade: Trade, at now: Instant) -> Bool {
        (trade.state == .unopened || trade.state == .unpaid) && now < trade.endsAt
    }

    func finishes(_ trade: Trade, begunAt: Instant, at now: Instant) -> Bool {
        trade.state == .unpaid && now < trade.endsAt
    }
}

/// Codes instead of pages: each made by a call, for one terminal, and never a second time for its number. Otherwise
/// like Alipay's pages: nobody can close what nobody has scanned.
struct AlipayCodeStyle: ProviderStyle {
    private let pages = AlipayStyle()
    let signsPagesLocally = false

    var channel: Channel { pages.channel }

    let terms: ProviderTerms = {
        let trades = [Terminal.pc, .h5, .app].map { terminal in
            (
                terminal,
                TradeTerms(
                    serves: [terminal], shortestLife: .refuseBelow(.seconds(60)), closeCanBeProven: false,
                    numberMayBeAskedAgain: false, exposedCanBeRevived: true)
            )
        }
        return ProviderTerms(trades: Dictionary(uniqueKeysWithValues: trades))
    }()

    func end(of request: StoredRequest, openedAt now: Instant) -> Instant { request.providerDeadline }

    func create(_ request: CreateRequest, _ trade: inout Trade, at now: Instant, _ dice: Dice) -> CreateAnswer {
        switch trade.state {
        case .paid: .alreadyPaid
        case .closed: .alreadyClosed
        case .unopened, .unpaid:
            trade.pages > 0 ? .refused(reason: "asked twice") : pages.create(request, &trade, at: now, dice)
        }
    }

    func takes(_ page: HeldPage, _ trade: Trade, at now: Instant) -> Bool { pages.takes(page, trade, at: now) }

    func finishes(_ trade: Trade, begunAt: Instant, at now: Instant) -> Bool {
        pages.finishes(trade, begunAt: begunAt, at: now)
    }
}

/// A trade is for one terminal; each new code kills the one before; a close is seen eventually, and whoever was at the
/// password prompt may finish all the same.
struct WeChatStyle: ProviderStyle {
    let channel = Channel("wechat")!
    let signsPagesLocally = false
    let billsAcceptedRefunds = true
    let hasNoEmptyBills = true
    /// The promised time less 30 s.
    let usableFor: Duration

    let terms: ProviderTerms = {
        let trades = [Terminal.pc, .h5, .app].map { terminal in
            (
                terminal,
                TradeTerms(
                    serves: [terminal], shortestLife: .refuseBelow(.seconds(60)), closeCanBeProven: true,
                    numberMayBeAskedAgain: true, exposedCanBeRevived: false)
            )
        }
        // So few that a world reaches the limit.
        return ProviderTerms(
            trades: Dictionary(uniqueKeysWithValues: trades),
            refunds: RefundTerms(pause: .seconds(60), mostPerTrade: 4))
    }()

    func end(of request: StoredRequest, openedAt now: Instant) -> Instant { request.providerDeadline }

    func create(_ request: CreateRequest, _ trade: inout Trade, at now: Instant, _ dice: Dice) -> CreateAnswer {
        switch trade.state {
        case .paid: return .alreadyPaid
        case .closed: return .alreadyClosed
        case .unopened, .unpaid:
            guard now < trade.endsAt else { return .refused(reason: "the order's time is over") }
            trade.state = .unpaid
            trade.pageEndsAt = now + usableFor + .seconds(30)
            return page(&trade, for: request, serves: [request.terminal], usableFor: usableFor)
        }
    }

    func close(_ trade: inout Trade, at now: Instant, _ dice: Dice) -> CloseAnswer {
        switch trade.state {
        case .unopened: return .noSuchTrade
        case .paid: return .alreadyPaid
        case .closed: return .accepted
        case .unpaid:
            if now < trade.openedAt + .seconds(20), dice.chance(0.1) { return .tooEarly }
            let lag = dice.chance(0.2) ? dice.duration(.milliseconds(1) ... .seconds(8)) : .zero
            trade.state = .closed(at: now, seenFrom: now + lag)
            return .accepted
        }
    }

    func query(_ trade: Trade, at now: Instant) -> QueryAnswer {
        switch trade.state {
        case .unopened: .noSuchTrade
        case .unpaid: .unpaid
        case .closed: trade.showsClosed(at: now) ? .closed : .unpaid
        case .paid: trade.payment.map { .paid($0) } ?? .unpaid
        }
    }

    func takes(_ page: HeldPage, _ trade: Trade, at now: Instant) -> Bool {
        trade.state == .unpaid && page.ordinal == trade.pages && now < min(trade.pageEndsAt, trade.endsAt)
    }

    func finishes(_ trade: Trade, begunAt: Instant, at now: Instant) -> Bool {
        guard now < trade.endsAt else { return false }
        switch trade.state {
        case .unpaid: return true
        case .closed(let at, _): return begunAt < at
        case .unopened, .paid: return false
        }
    }
}

/// A session lives for half an hour at least, longer than our deadline; asked for again, it is the same, with the same
/// page.
struct StripeStyle: ProviderStyle {
    static let shortest = Duration.seconds(30 * 60)

    let channel = Channel("stripe")!
    let signsPagesLocally = false
    let revokesRefunds = true

    let terms: ProviderTerms = {
        let trade = TradeTerms(
            serves: [.pc, .h5, .app], shortestLife: .extendTo(shortest), closeCanBeProven: true,
            numberMayBeAskedAgain: true, exposedCanBeRevived: false)
        return ProviderTerms(trades: [.pc: trade, .h5: trade, .app: trade])
    }()

    func end(of request: StoredRequest, openedAt now: Instant) -> Instant {
        max(request.providerDeadline, now + Self.shortest)
    }

    func create(_ request: CreateRequest, _ trade: inout Trade, at now: Instant, _ dice: Dice) -> CreateAnswer {
        switch trade.state {
        case .paid: return .alreadyPaid
        case .closed: return .alreadyClosed
        case .unopened, .unpaid:
            trade.state = .unpaid
            // The same number is the same session: it has one page.
            trade.pages = 0
            return page(
                &trade, for: request, serves: [.pc, .h5, .app], usableFor: nil, sessionEndsAt: trade.endsAt)
        }
    }

    func takes(_ page: HeldPage, _ trade: Trade, at now: Instant) -> Bool {
        trade.state == .unpaid && now < trade.endsAt
    }

    func finishes(_ trade: Trade, begunAt: Instant, at now: Instant) -> Bool {
        trade.state == .unpaid && now < trade.endsAt
    }
}
