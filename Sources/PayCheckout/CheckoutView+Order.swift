import PayAPI
import PayCore
import QRDrawing

extension CheckoutView {
    /// The page of an order.
    init(_ visit: CheckoutVisit, in place: CheckoutPlace, revision: String) {
        self = CheckoutDrawing(visit, place).view(revision: revision)
    }
}

/// Builds the view of an order's state.
struct CheckoutDrawing {
    /// The interval of the script's polling while no event would report a change.
    private static let fallback = Duration.seconds(15)
    /// The interval of reloads without a script while work is in progress, in seconds.
    private static let reloadEvery: Int64 = 5
    /// In seconds. With more time left, the page shows the time at which it ends instead of a countdown.
    private static let nearSeconds: Int64 = 600
    /// In seconds. The time to read that the order is paid before the script goes back to the shop.
    private static let leaveAfter: Int64 = 5
    /// In characters. A shorter amount fits on one line of the narrowest phone.
    private static let longAmount = 12

    let visit: CheckoutVisit
    let place: CheckoutPlace
    let texts: CheckoutTexts
    let state: CheckoutState

    init(_ visit: CheckoutVisit, _ place: CheckoutPlace) {
        self.visit = visit
        self.place = place
        texts = place.texts
        state = visit.state
    }

    func view(revision: String) -> CheckoutView {
        let words = words
        var view = CheckoutView(
            place, state: state.name, words, revision: revision, terminal: visit.terminal.rawValue,
            channel: channel?.name ?? "", alsoTold: back?.givenBack.map(\.refundText) ?? [])
        view.wakeIn = wakeAfter.map(\.secondsToWait)
        view.isLive = true
        view.summary = summary
        view.notice = notice.map { CheckoutView.Notice(word: $0.rawValue, words: sentence(about: $0)) }
        view.action = place.action
        view.fields = [.init(field: "terminal", value: visit.terminal.rawValue)] + openIDField
        view.back = back
        view.returnLink = returnLink
        view.foot = foot
        view.mayClose = isOver && view.returnLink == nil
        if case .ready(let served) = state {
            view.mark = place.look(of: served.channel).mark
            show(served, in: &view)
        }
        if let work { show(work, in: &view) }
        guard state.isPayable else {
            view.reload = state == .timeUp ? reload : nil
            return view
        }
        view.isOpen = true
        showPrimary(in: &view)
        view.ways = ways
        view.inWeChat = inWeChat
        view.handoff = handoff
        view.again = again
        return view
    }

    /// The channel that the state refers to.
    private var channel: Channel? {
        switch state {
        case .ready(let served): served.channel
        case .choose(let channel): channel
        case .renew(let channel), .moved(let channel, _): channel
        case .working(let work), .unknown(let work): work.channel
        case .paid, .closed, .expired, .timeUp: nil
        }
    }

    var work: CheckoutWork? {
        switch state {
        case .working(let work), .unknown(let work): work
        case .ready, .choose, .renew, .moved, .timeUp, .paid, .closed, .expired: nil
        }
    }

    private var isElsewhere: Bool {
        if case .moved = state { true } else { false }
    }

    private var isOver: Bool { !state.isPayable && state != .timeUp }

    private var openIDField: [CheckoutView.Field] {
        visit.givenOpenID.isEmpty ? [] : [.init(field: "openid", value: visit.givenOpenID)]
    }

    /// The time until the page changes by the clock alone.
    private var wakeAfter: Duration? {
        let untilCutOff = visit.cutOff - visit.now
        switch state {
        case .ready(let served): return min(served.page.expiresAt - visit.now, untilCutOff)
        case .moved:
            let pages = visit.order.livePages(at: visit.now).map { $0.page.expiresAt - visit.now }
            return min(pages.max() ?? untilCutOff, untilCutOff)
        case .choose, .renew: return untilCutOff
        case .working, .unknown: return min(Self.fallback, untilCutOff)
        case .timeUp: return Self.fallback
        case .paid, .closed, .expired: return nil
        }
    }

    private var notice: CheckoutNews? {
        switch state {
        case .ready: visit.news.flatMap { $0.standsBesideLivePage ? $0 : nil }
        // The order can still be paid on another screen, so the buyer must not be told to order again.
        case .moved: told == .tooMany ? nil : told
        case .choose, .renew: told ?? (visit.hasNumbersLeft ? nil : .tooMany)
        case .working: visit.news == .busy ? .busy : told
        case .unknown: told
        case .timeUp, .paid, .closed, .expired: nil
        }
    }

    /// The result of the last press, unless a state of its own shows it.
    private var told: CheckoutNews? {
        visit.news.flatMap { $0 == .unknown || $0 == .busy ? nil : $0 }
    }

    private var summary: CheckoutView.Summary {
        let amount = place.language.text(visit.order.money)
        var summary = CheckoutView.Summary(
            shop: shop, amount: amount, isLong: amount.count > Self.longAmount,
            subject: visit.order.subject.text, orderNumber: visit.order.number.text)
        if state.isPayable {
            let left = (visit.cutOff - visit.now).wholeSeconds
            summary.timer = CheckoutView.Timer(
                isNear: left <= Self.nearSeconds, nearSeconds: Self.nearSeconds, secondsLeft: left,
                clockLeft: ClockText.text(left), until: Timestamp(visit.cutOff).text,
                untilText: place.language.text(visit.cutOff))
        }
        if case .paid(let at) = state {
            summary.paidTime = .init(instant: Timestamp(at).text, instantText: place.language.text(at))
        }
        return summary
    }

    private var shop: CheckoutView.Shop? {
        let logo = place.assets.logo.map(place.url)
        guard logo != nil || place.shop != nil else { return nil }
        return .init(shopName: place.shop, shopInitial: place.shop?.initial ?? "", logo: logo)
    }

    /// A mini program's web view has no way to a browser.
    private var inWeChat: CheckoutView.InWeChat? {
        guard visit.isInWeChat, visit.terminal != .mini else { return nil }
        let link = place.link([.init(field: "terminal", value: "h5")])
        return .init(hint: texts.inWeChat, browserHref: visit.terminal == .jsapi ? link : nil)
    }

    private var handoff: CheckoutView.Handoff? {
        guard visit.terminal == .pc, work == nil, !isElsewhere, let code = try? place.url.map(QRCode.init) else {
            return nil
        }
        return .init(handoffSVG: code.svg(label: texts.handoffLabel), isBelow: state == .choose(goOn: nil))
    }

    private var reload: CheckoutView.Reload {
        .init(reloadEvery: Self.reloadEvery, reloadFrom: place.link())
    }

    private var again: CheckoutView.Again? {
        let href = place.link()
        switch state {
        case .working, .unknown: return .init(againHref: href, isForScriptless: primary != nil)
        case .ready, .moved: return .init(againHref: href, isForScriptless: true)
        case .choose, .renew, .timeUp, .paid, .closed, .expired: return nil
        }
    }

    private var returnTo: SafeLink? { visit.order.returnURL.flatMap(SafeLink.init) }

    /// The script follows the link by itself once the order is paid, unless there is more to read.
    private var returnLink: CheckoutView.ReturnLink? {
        guard isOver, let returnTo else { return nil }
        var link = CheckoutView.ReturnLink(returnTo: returnTo.url, returnLabel: texts.backToShop)
        if case .paid = state, visit.order.refunds.isEmpty { link.leaveAfter = Self.leaveAfter }
        return link
    }

    private var foot: CheckoutView.Foot? {
        guard !isOver else { return nil }
        let cancelLink = returnTo.map { link in
            CheckoutView.CancelLink(
                cancelTo: link.url, cancelLabel: state == .timeUp ? texts.backToShop : texts.cancel)
        }
        return .init(trust: state.isPayable ? texts.trust : nil, cancelLink: cancelLink)
    }

    private func show(_ work: CheckoutWork, in view: inout CheckoutView) {
        view.reload = reload
        if case .unknown = state {
            let advice = work.isSafeToLeave ? ways.map { _ in texts.unknownElsewhere } : texts.unknownStay
            view.alarm = .init(alarmLead: unknownLead(work), alarmAdvice: advice)
            view.leads = []
            return
        }
        guard work.hasTwoSteps else { return }
        let isClosing = work.step == .closing
        let first: CheckoutView.Step =
            if work.leavesOldPageOpen {
                .init(label: texts.stillOpenStep, progress: "next", progressText: nil)
            } else {
                .init(
                    label: texts.closingStep, progress: isClosing ? "now" : "done",
                    progressText: isClosing ? texts.underWay : texts.done)
            }
        view.stepList = .init(steps: [
            first,
            .init(
                label: work.opens.map { texts.openingStep(place.words(of: $0).company) } ?? texts.openingNewStep,
                progress: isClosing ? "next" : "now",
                progressText: isClosing ? nil : texts.underWay),
        ])
    }
}

extension CheckoutVisit {
    var hasNumbersLeft: Bool { order.attempts.count < PayRules.mostAttempts }
}

extension String {
    /// The initial letter, shown beside the whole name.
    var initial: String { first.map { $0.uppercased() } ?? "" }
}

/// Formats the remaining time like a clock: 28:54, 1:02:03.
enum ClockText {
    static func text(_ seconds: Int64) -> String {
        let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60)
        let two = { (number: Int64) in number < 10 ? "0\(number)" : "\(number)" }
        return (hours > 0 ? "\(hours):" : "") + "\(two(minutes)):\(two(seconds % 60))"
    }
}
