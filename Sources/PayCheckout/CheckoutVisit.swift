import PayCore
import QRDrawing

/// Somebody looks at an order's hosted page: all that the page depends on, read beforehand.
struct CheckoutVisit: Sendable {
    let order: Order
    let now: Instant
    let deadlines: Deadlines
    let terminal: Terminal
    /// Whether it is the browser that tells it, and nobody's word.
    let isTerminalSeen: Bool
    /// As the query names it; empty where it names none.
    let givenOpenID: String
    /// The configured channels that serve the terminal, take the currency and take new attempts, with the live attempt's.
    let channels: [Channel]
    /// Those of them that use up one of the order's numbers each time they are asked.
    let costly: [Channel]
    /// The longest that somebody can hold the order.
    let longestLease: Duration
    /// What the last press on a button came to, if nothing has happened since.
    let pressed: CheckoutPress?

    var news: CheckoutNews? { pressed?.news }

    /// The channel that it asked for.
    var wished: Channel? { pressed?.channel }

    var cutOff: Instant { deadlines.cutOff(of: order.deadline) }

    /// The payer that a page is bound to: as given, else as the attempt that a repay would follow has it.
    var openID: String {
        if !givenOpenID.isEmpty { return givenOpenID }
        return (order.liveAttempt ?? order.attempts.last)?.request.payer.openID ?? ""
    }

    /// What can be offered here: inside WeChat nothing, as long as nobody has said who reads.
    var offerable: [Channel] {
        terminal == .jsapi && openID.isEmpty ? [] : channels
    }
}

/// What the page shows of an order. No state is a dead end: each has something to do, or says what happens by itself.
enum CheckoutState: Hashable, Sendable {
    /// A live page for this terminal. Moved on by money, the clock, or another choice.
    case ready(ServedPage)
    /// Nothing is live here. Moved on by a choice; `goOn` was begun on a desktop, and this isn't one.
    case choose(goOn: Channel?)
    /// This terminal's page has run out. Moved on by asking for another, which the script does by itself.
    case renew(Channel)
    /// The payment is open elsewhere. Moved on from there, or by a choice.
    case moved(Channel, to: Terminal)
    /// Somebody is asking a provider. Moved on by the answer.
    case working(CheckoutWork)
    /// A provider has not answered clearly. Moved on by asking again, which the script and the sweep do by themselves.
    case unknown(CheckoutWork)
    /// Past the cut-off. Moved on by the last word of the providers.
    case timeUp
    case paid(at: Instant)
    case closed
    case expired

    /// What the page is called in its markup.
    var name: String {
        switch self {
        case .ready: "ready"
        case .choose: "choose"
        case .renew: "renew"
        case .moved: "moved"
        case .working: "working"
        case .unknown: "unknown"
        case .timeUp: "timeup"
        case .paid: "paid"
        case .closed: "closed"
        case .expired: "expired"
        }
    }

    /// Whether the order can still be paid from here.
    var isPayable: Bool {
        switch self {
        case .ready, .choose, .renew, .moved, .working, .unknown: true
        case .timeUp, .paid, .closed, .expired: false
        }
    }
}

/// What a provider is being asked.
struct CheckoutWork: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        case closing, opening
    }

    let step: Step
    let channel: Channel
    /// An old page had to be closed first.
    let hasTwoSteps: Bool
    /// The page that is asked for is another screen's.
    let isElsewhere: Bool
    /// When this page may ask again; nil when the asking is another screen's, or the sweep's.
    let retryAfter: Duration?
    /// Whether it does so by itself: not where each try uses up a number.
    let isByItself: Bool
    /// Nobody holds a page that could take money: it is safe to pay in another way.
    let isSafeToLeave: Bool
}

extension CheckoutVisit {
    /// A provider is not asked again sooner than this by itself.
    static let shortestRetry = Duration.seconds(3)

    var state: CheckoutState {
        switch order.state {
        case .paid(_, let at): .paid(at: order.paidAt ?? at)
        case .closed: .closed
        case .expired: .expired
        case .new: now < cutOff ? payableState : .timeUp
        }
    }

    private var payableState: CheckoutState {
        guard let live = order.liveAttempt else { return idle }
        switch live.state {
        case .open: return open(live)
        case .creating: return opening(live)
        case .closing: return closing(live)
        case .exposed, .closed, .failed, .lapsed, .paid: return idle
        }
    }

    private func open(_ live: Attempt) -> CheckoutState {
        let wish = PageWish(channel: live.channel, terminal: terminal, openID: openID)
        if let served = order.livePage(for: wish, at: now) {
            return served.page.canBeShown ? .ready(served) : .choose(goOn: nil)
        }
        let hadPageHere = live.pages.contains { $0.serves(terminal, openID: openID) }
        let isOurs = hadPageHere || hasAsked
        if isLeased { return underLease(.opening, wished ?? live.channel, isOurs: isOurs, isSafeToLeave: false) }
        if hasAsked { return askingAgain(wished ?? live.channel) }
        if hadPageHere, offerable.contains(live.channel) { return .renew(live.channel) }
        if live.request.terminal == .pc, terminal != .pc, hasNumbersLeft {
            return .choose(goOn: offerable.contains(live.channel) ? live.channel : nil)
        }
        guard let page = live.pages.first(where: { $0.isFresh(at: now) }) else { return .choose(goOn: nil) }
        return .moved(live.channel, to: page.terminal)
    }

    /// The first answer of a provider is awaited. Nobody holds a page of the attempt, so another way is safe.
    private func opening(_ live: Attempt) -> CheckoutState {
        let isOurs = live.request.terminal == terminal || hasAsked
        if isLeased { return underLease(.opening, live.channel, isOurs: isOurs, isSafeToLeave: true) }
        return .unknown(
            work(.opening, live.channel, retryAfter: isOurs ? retryPause(.zero) : nil, isSafeToLeave: true))
    }

    /// An old page is being closed, to make way for what somebody wants; whoever has just asked asks again.
    private func closing(_ live: Attempt) -> CheckoutState {
        let next = hasAsked ? wished ?? live.channel : live.channel
        if isLeased { return underLease(.closing, next, isOurs: hasAsked, isSafeToLeave: false) }
        return .unknown(
            work(.closing, next, retryAfter: hasAsked ? retryPause(.zero) : nil, isSafeToLeave: false))
    }

    private var idle: CheckoutState {
        if isLeased, let channel = wished ?? order.attempts.last?.channel {
            return underLease(.opening, channel, isOurs: hasAsked, isSafeToLeave: false)
        }
        if hasAsked, let wished { return askingAgain(wished) }
        return .choose(goOn: nil)
    }

    /// What was asked for a moment ago is asked for again.
    private func askingAgain(_ channel: Channel) -> CheckoutState {
        let work = work(.opening, channel, retryAfter: retryPause(pressed?.wait ?? .zero), isSafeToLeave: false)
        return news == .unknown ? .unknown(work) : .working(work)
    }

    /// Somebody is at work, or what was sent may still land.
    private func underLease(
        _ step: CheckoutWork.Step, _ channel: Channel, isOurs: Bool, isSafeToLeave: Bool
    ) -> CheckoutState {
        let left = min(order.lease.map { $0.endsAt - now } ?? .zero, longestLease)
        let work = work(
            step, channel, retryAfter: isOurs ? retryPause(left) : nil, isSafeToLeave: isSafeToLeave)
        return order.lease?.isUnanswered == true ? .unknown(work) : .working(work)
    }

    private func work(
        _ step: CheckoutWork.Step, _ channel: Channel, retryAfter: Duration?, isSafeToLeave: Bool
    ) -> CheckoutWork {
        CheckoutWork(
            step: step, channel: channel, hasTwoSteps: step == .closing || order.hasJustMadeWay,
            isElsewhere: order.liveAttempt.map { $0.state.name == .creating && $0.request.terminal != terminal }
                ?? false,
            retryAfter: offerable.contains(channel) ? retryAfter : nil, isByItself: !costly.contains(channel),
            isSafeToLeave: isSafeToLeave)
    }

    private func retryPause(_ pause: Duration) -> Duration { max(Self.shortestRetry, pause) }

    private var isLeased: Bool { order.lease.map { now < $0.endsAt } ?? false }

    /// Whether this page has just asked, and was told that it isn't known yet.
    private var hasAsked: Bool { news == .unknown || news == .busy }
}

extension Order {
    /// When the provider took the money that counts.
    fileprivate var paidAt: Instant? { receipts.first { $0.standing == .honest }?.receipt.paidAt }

    /// Whether the last attempt that was offered had to go before the page that is asked for now.
    fileprivate var hasJustMadeWay: Bool {
        let before = liveAttempt == nil ? attempts.last : attempts.dropLast().last
        return before?.state.name == .closed || before?.state.name == .exposed
    }
}

extension Page {
    /// Whether it can be shown, and safely: what is no https address is no page to go to, whoever gave it.
    fileprivate var canBeShown: Bool {
        switch kind {
        case .redirect: SafeLink(content) != nil
        case .qr: QRCodeRefusal(of: content) == nil
        case .html, .sdk: true
        }
    }
}
