import PayCore
import QRDrawing

/// A visit to an order's hosted page, with all values that the page depends on.
struct CheckoutVisit: Sendable {
    let order: Order
    let now: Instant
    let deadlines: Deadlines
    let terminal: Terminal
    /// Whether the terminal was derived from the browser, not from the query.
    let isTerminalSeen: Bool
    /// The openid of the query; empty if it has none.
    let givenOpenID: String
    /// The configured channels that support the terminal and the currency and accept new attempts, plus the live
    /// attempt's.
    let channels: [Channel]
    /// The channels of these that use up an attempt of the order with each call.
    let costly: [Channel]
    /// The longest lease of an order.
    let longestLease: Duration
    /// The result of the last press on a button, if the order is unchanged since.
    let pressed: CheckoutPress?
    /// The channel of a press on this screen that has not been answered yet.
    var underWay: Channel?
    /// The channels of these whose payer can be learned inside WeChat.
    var identifying: [Channel] = []
    /// The channel of the app in which the page is open, if the app opens its own channels alone (Alipay).
    var ownChannel: Channel?
    /// Whether the page for `jsapi`, which this page is not, may pay the order inside WeChat.
    var jsapiMayPay = false
    /// The payer that the order's attempts have at a channel for the terminal; empty if there is none.
    var knownOpenID: @Sendable (Channel) -> String = { _ in "" }
    /// Whether the page is open in an app that can't open the pages of this channel.
    var isForeign: @Sendable (Channel) -> Bool = { _ in false }
    /// Whether the browser is WeChat's, whatever terminal the query chose.
    var isInWeChatApp = false

    var news: CheckoutNews? { pressed?.news }

    /// Whether the page is shown inside WeChat.
    var isInWeChat: Bool { isInWeChatApp || terminal == .jsapi || terminal == .mini }

    /// The channel that the last press requested.
    var wished: Channel? { pressed?.channel }

    var cutOff: Instant { deadlines.cutOff(of: order.deadline) }

    /// The payer of a page of this channel: the query's, otherwise the one of an earlier attempt from this terminal.
    func openID(at channel: Channel) -> String {
        givenOpenID.isEmpty ? knownOpenID(channel) : givenOpenID
    }

    /// The channels that can be offered. Inside WeChat, only those whose payer is known or can be learned; none in a
    /// mini program, which a page can't make pay.
    var offerable: [Channel] {
        if terminal == .mini { return [] }
        guard terminal == .jsapi else { return channels }
        return channels.filter { !openID(at: $0).isEmpty || identifying.contains($0) }
    }

    /// Whether the buyer has to be sent to WeChat for the openid first. A press on a form can't give a page then.
    func mustIdentify(at channel: Channel) -> Bool { terminal == .jsapi && openID(at: channel).isEmpty }

    /// The channel of the app in which the page is open, as the main choice; nil without one.
    var preferred: Channel? {
        guard hasNumbersLeft else { return nil }
        return terminal == .jsapi ? offerable.first(where: mustIdentify) : ownChannel
    }
}

/// The page's state. No state is a dead end: each offers an action, or says that the page continues by itself.
enum CheckoutState: Hashable, Sendable {
    /// This terminal has a live page. Left by a payment, by time, or by another choice.
    case ready(ServedPage)
    /// There is no live page here. Left by a choice. `goOn` is the channel of a payment begun on a desktop, if this is
    /// another terminal.
    case choose(goOn: Channel?)
    /// This terminal's page has expired. Left by requesting another page, which the script does automatically.
    case renew(Channel)
    /// The payment is open on another terminal. Left by that terminal, or by a choice.
    case moved(Channel, to: Terminal)
    /// A call to a provider is in progress. Left by its result.
    case working(CheckoutWork)
    /// A provider's result is unknown. Left by a retry, which the script and the sweep make automatically.
    case unknown(CheckoutWork)
    /// The cut-off has passed. Left by the providers' final results.
    case timeUp
    case paid(at: Instant)
    case closed
    case expired

    /// The state's name in the markup.
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

    /// Whether the order can still be paid on this page.
    var isPayable: Bool {
        switch self {
        case .ready, .choose, .renew, .moved, .working, .unknown: true
        case .timeUp, .paid, .closed, .expired: false
        }
    }
}

/// A provider call that the page waits for.
struct CheckoutWork: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        case closing, opening
    }

    let step: Step
    let channel: Channel
    /// The channel whose answer is outstanding: that of the old page while it is being closed.
    let asked: Channel
    /// The channel of the new page; nil if another screen requested it.
    let opens: Channel?
    /// An earlier page had to be closed first.
    let hasTwoSteps: Bool
    /// The page was requested on another terminal.
    let isElsewhere: Bool
    /// The time until this page may retry; nil if another screen or the sweep does.
    let retryAfter: Duration?
    /// Whether the retry is automatic. It is not if each try uses up an attempt of the order.
    let isByItself: Bool
    /// No caller holds a page that could take money, so paying in another way is safe.
    let isSafeToLeave: Bool
    /// The close of the earlier page could not be proven.
    let leavesOldPageOpen: Bool
}

extension CheckoutVisit {
    /// The shortest time before an automatic retry.
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
        let openID = openID(at: live.channel)
        let wish = PageWish(channel: live.channel, terminal: terminal, openID: openID)
        if !isForeign(live.channel), let served = order.livePage(for: wish, at: now) {
            return served.page.canBeShown ? .ready(served) : .choose(goOn: nil)
        }
        let hadPageHere = live.pages.contains { $0.serves(terminal, openID: openID) }
        let isOurs = hadPageHere || hasAsked
        if isLeased { return underLease(.opening, wished ?? live.channel, isOurs: isOurs, isSafeToLeave: false) }
        if hasAsked { return askingAgain(wished ?? live.channel) }
        if hadPageHere, offerable.contains(live.channel) { return .renew(live.channel) }
        if live.request.terminal == .pc, terminal != .pc, hasNumbersLeft {
            let goesOn = offerable.contains(live.channel) && (preferred == nil || preferred == live.channel)
            return .choose(goOn: goesOn && !mustIdentify(at: live.channel) ? live.channel : nil)
        }
        if isForeign(live.channel) { return .choose(goOn: nil) }
        guard let page = live.pages.first(where: { $0.isFresh(at: now) }) else { return .choose(goOn: nil) }
        return .moved(live.channel, to: page.terminal)
    }

    /// The attempt's first result is outstanding. No caller holds a page of the attempt, so another way is safe.
    private func opening(_ live: Attempt) -> CheckoutState {
        let isOurs = live.request.terminal == terminal || hasAsked
        if isLeased { return underLease(.opening, live.channel, isOurs: isOurs, isSafeToLeave: true) }
        return .unknown(
            work(.opening, live.channel, retryAfter: isOurs ? retryPause(.zero) : nil, isSafeToLeave: true))
    }

    /// An earlier page is being closed for a new one. The screen that requested the new page retries.
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

    /// Repeats the request of the last press.
    private func askingAgain(_ channel: Channel) -> CheckoutState {
        let work = work(.opening, channel, retryAfter: retryPause(pressed?.wait ?? .zero), isSafeToLeave: false)
        return news == .unknown ? .unknown(work) : .working(work)
    }

    /// A call is in progress, or its result may still arrive.
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
            step: step, channel: channel,
            asked: step == .closing ? order.liveAttempt?.channel ?? channel : channel, opens: opens(step),
            hasTwoSteps: step == .closing || order.hasJustMadeWay,
            isElsewhere: order.liveAttempt.map { $0.state.name == .creating && $0.request.terminal != terminal }
                ?? false,
            retryAfter: offerable.contains(channel) ? retryAfter : nil, isByItself: !costly.contains(channel),
            isSafeToLeave: isSafeToLeave && !order.hasExposedPage,
            leavesOldPageOpen: step == .opening && order.earlier?.state.name == .exposed)
    }

    private func opens(_ step: CheckoutWork.Step) -> Channel? {
        if let live = order.liveAttempt, step == .opening { return live.channel }
        return (hasAsked ? wished : nil) ?? underWay
    }

    /// Whether somebody repeats the call without a press: the caller that is at it, the sweep, or this page's script.
    func isRepeatedByItself(_ work: CheckoutWork) -> Bool {
        switch order.liveAttempt?.state.name {
        case .creating, .closing: true
        case .open, .exposed, .closed, .failed, .lapsed, .paid, nil:
            isLeased || (work.retryAfter != nil && work.isByItself)
        }
    }

    /// Whether no attempt of the order can have taken money.
    var nothingWasCharged: Bool {
        order.receipts.isEmpty
            && order.attempts.allSatisfy { attempt in
                switch attempt.state {
                case .creating, .closed, .failed, .lapsed: true
                case .open, .closing, .exposed, .paid: false
                }
            }
    }

    private func retryPause(_ pause: Duration) -> Duration { max(Self.shortestRetry, pause) }

    private var isLeased: Bool { order.lease.map { now < $0.endsAt } ?? false }

    /// Whether this page made the last request and got no final result.
    private var hasAsked: Bool { news == .unknown || news == .busy }
}

extension Order {
    /// The time of the payment that counts, as the provider reports it.
    fileprivate var paidAt: Instant? { receipts.first { $0.standing == .honest }?.receipt.paidAt }

    /// Whether an earlier attempt had to be closed before the requested page.
    fileprivate var hasJustMadeWay: Bool {
        earlier?.state.name == .closed || earlier?.state.name == .exposed
    }

    /// The attempt before the live one, or else the last one.
    fileprivate var earlier: Attempt? { liveAttempt == nil ? attempts.last : attempts.dropLast().last }

    /// Whether a buyer may hold a page of a superseded attempt that can still be paid.
    fileprivate var hasExposedPage: Bool {
        attempts.contains { $0.state.name == .exposed && !$0.pages.isEmpty }
    }
}

extension Page {
    /// Whether the page can be shown safely. A redirect to anything but an https address is refused, even from a
    /// provider.
    fileprivate var canBeShown: Bool {
        switch kind {
        case .redirect: SafeLink(content) != nil
        case .qr: QRCodeRefusal(of: content) == nil
        case .html, .sdk: true
        }
    }
}
