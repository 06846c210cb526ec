import PayCore

@testable import PayCheckout

/// A fact that a text of the page states. The page may show the text only while the fact holds.
enum Claim: Hashable, CaseIterable {
    // The order.
    case stillPayable, timeIsOver, paid, closed, expired
    // Money.
    case nothingCharged, allReturned
    /// A page of the order besides the one shown may take money.
    case anotherPageMayTakeMoney
    /// No page of the order may take money, so that another way is safe.
    case noPageMayTakeMoney
    /// The earlier page was closed, or is being closed.
    case earlierPageCloses
    // A provider call.
    case callUnderWay, resultUnknown, askedAgainByItself, preparedElsewhere
    // The screen that has the payment.
    case wasOnComputer, onComputer, onPhone, inApp, inWeChat, isInWeChat
    case pageHasExpired
    // The rest of the page.
    case otherWaysBelow, nothingOffered, noTriesLeft, wayBackShown
    // The link.
    case linkIsOver, linkIsUnknown, pageIsBroken
}

/// A page with all that it was drawn from.
struct ShownPage {
    let visit: CheckoutVisit
    let view: CheckoutView

    init(_ visit: CheckoutVisit) {
        self.visit = visit
        view = CheckoutSample.view(visit)
    }
}

extension Claim {
    /// Whether the fact holds, by the order itself and not by the state that the page derives from it.
    func holds(for page: ShownPage) -> Bool {
        let (visit, view) = (page.visit, page.view)
        let order = visit.order
        let live = order.liveAttempt
        let states = order.attempts.map(\.state.name)
        let mayTakeMoney = { (name: AttemptStateName) in [.open, .closing, .exposed].contains(name) }
        let holdPages = order.attempts.filter { !$0.pages.isEmpty }.map(\.state.name)
        return switch self {
        case .stillPayable: order.state == .new && visit.now < visit.cutOff
        case .timeIsOver: order.state == .new && visit.now >= visit.cutOff
        case .paid: order.state.name == .paid
        case .closed: order.state.name == .closed
        case .expired: order.state.name == .expired
        case .nothingCharged: order.receipts.isEmpty && !states.contains(where: mayTakeMoney) && !states.contains(.paid)
        case .allReturned:
            order.refunds.filter { $0.state == .succeeded && [.merchant, .provider].contains($0.cause) }
                .map(\.money.amount).reduce(0, +) >= order.money.amount
        case .anotherPageMayTakeMoney: states.contains(where: mayTakeMoney)
        case .noPageMayTakeMoney: !holdPages.contains(where: mayTakeMoney)
        case .earlierPageCloses:
            live?.state.name == .closing
                || (live == nil ? order.attempts : order.attempts.dropLast()).last?.state.name == .closed
        case .callUnderWay:
            order.lease.map { visit.now < $0.endsAt } ?? false || visit.news == .busy || visit.news == .unknown
        case .resultUnknown:
            order.lease?.isUnanswered == true || visit.news == .unknown || live?.state.name == .creating
                || live?.state.name == .closing
        case .askedAgainByItself:
            // The sweep repeats what an attempt or a lease waits for, and the script repeats what this page asked for.
            live?.state.name == .creating || live?.state.name == .closing || order.lease != nil
                || view.primary?.auto != nil
        case .preparedElsewhere: live?.state.name == .creating && live?.request.terminal != visit.terminal
        case .wasOnComputer: live?.request.terminal == .pc
        case .onComputer: Self.isOpen(order, on: [.pc], at: visit.now)
        case .onPhone: Self.isOpen(order, on: [.h5], at: visit.now)
        case .inApp: Self.isOpen(order, on: [.app], at: visit.now)
        case .inWeChat: Self.isOpen(order, on: [.jsapi, .mini], at: visit.now)
        case .isInWeChat: visit.isInWeChatApp || [.jsapi, .mini].contains(visit.terminal)
        case .pageHasExpired:
            live?.pages.contains { $0.terminal == visit.terminal && !$0.isFresh(at: visit.now) } == true
        case .otherWaysBelow: view.ways != nil
        case .nothingOffered: view.ways == nil && view.primary == nil && view.code == nil && view.open == nil
        case .noTriesLeft: order.attempts.count >= PayRules.mostAttempts
        case .wayBackShown: order.returnURL != nil
        case .linkIsOver, .linkIsUnknown, .pageIsBroken: false
        }
    }

    private static func isOpen(_ order: Order, on terminals: [Terminal], at now: Instant) -> Bool {
        order.liveAttempt?.pages.contains { terminals.contains($0.terminal) && $0.isFresh(at: now) } == true
    }
}

extension Claim {
    /// The claims of each text, by its name. A new text needs an entry, if only an empty one.
    static let ofTexts: [String: Set<Claim>] = [
        // The page's frame.
        "order": [], "payBy": [.stillPayable], "timeLeft": [.stillPayable], "secure": [.stillPayable], "language": [],
        "offline": [], "alipay": [], "wechat": [], "stripe": [], "sandbox": [],
        "theShop": [], "trust": [], "backToCode": [], "stayHere": [.paid], "returning": [.paid],
        "sendLater": [], "failedWay": [],

        // A live page.
        "scanTitle": [.stillPayable], "scanLead": [.stillPayable], "codeLabel": [.stillPayable],
        "cannotScanHere": [.stillPayable, .otherWaysBelow], "cannotScanHereAlone": [.stillPayable],
        "codeIsDead": [.stillPayable], "codeIsDeadLead": [.stillPayable], "freshCode": [.stillPayable],
        "openTitle": [.stillPayable], "openLeadNewTab": [.stillPayable], "openLeadSameTab": [.stillPayable],
        "openButton": [.stillPayable], "newTab": [], "invokeLead": [.stillPayable, .isInWeChat],
        "invokeButton": [.stillPayable], "needsScript": [], "appTitle": [.stillPayable], "appLead": [.stillPayable],
        "miniTitle": [.stillPayable, .isInWeChat], "miniLead": [.stillPayable, .isInWeChat],

        // No live page, or none here.
        "chooseTitle": [.stillPayable], "chooseLead": [.stillPayable], "otherWays": [.stillPayable],
        "noWays": [.nothingOffered], "noTriesTitle": [.noTriesLeft], "noTriesLead": [.noTriesLeft],
        "goOnTitle": [.stillPayable], "goOnLead": [.wasOnComputer], "openInBrowserTitle": [.isInWeChat],
        "goOnButton": [.stillPayable], "renewTitle": [.pageHasExpired], "renewLead": [.stillPayable],
        "renewButton": [.stillPayable], "movedTitle": [.stillPayable], "movedToPC": [.onComputer],
        "movedToPhone": [.onPhone], "movedToApp": [.inApp], "movedToWeChat": [.inWeChat], "payHere": [.stillPayable],
        "notInWeChat": [.isInWeChat, .nothingOffered], "inWeChat": [.isInWeChat], "openInBrowser": [.isInWeChat],
        "handoff": [.stillPayable], "handoffLead": [.stillPayable], "handoffLabel": [.stillPayable],

        // A provider call.
        "workingTitle": [.callUnderWay], "workingLead": [.callUnderWay],
        "workingElsewhere": [.callUnderWay, .preparedElsewhere], "closingStep": [.earlierPageCloses],
        "stillOpenStep": [.anotherPageMayTakeMoney], "openingStep": [.callUnderWay], "openingNewStep": [.callUnderWay],
        "done": [], "underWay": [.callUnderWay], "unknownTitle": [.resultUnknown],
        "unknownLead": [.resultUnknown, .askedAgainByItself], "unknownLeadByHand": [.resultUnknown],
        "unknownStay": [.resultUnknown], "unknownElsewhere": [.noPageMayTakeMoney, .otherWaysBelow],
        "tryAgain": [.stillPayable], "checkAgain": [],

        // The order has ended.
        "timeUpTitle": [.timeIsOver], "timeUpLead": [.timeIsOver], "paidTitle": [.paid], "paidLead": [.paid],
        "paidAt": [.paid], "closedTitle": [.closed], "closedLead": [.closed], "expiredTitle": [.expired],
        "expiredLead": [.expired], "goneTitle": [.linkIsOver], "goneLead": [.linkIsOver],
        "noLinkTitle": [.linkIsUnknown], "noLinkLead": [.linkIsUnknown], "brokenTitle": [.pageIsBroken],
        "brokenLead": [.pageIsBroken], "backToShop": [.wayBackShown], "cancel": [.wayBackShown], "mayClose": [],
        "refundedTitle": [.paid, .allReturned], "refundedLead": [.paid, .allReturned],
        "refundsTitle": [], "paidTwiceTitle": [], "paidLateTitle": [],

        // Results of a press.
        "refused": [.nothingCharged], "refusedForNow": [], "unavailable": [], "tooOften": [],
        "tooMany": [.noTriesLeft], "unsafe": [.anotherPageMayTakeMoney], "busy": [.callUnderWay],
        "fiveMinutesLeft": [.stillPayable], "oneMinuteLeft": [.stillPayable],
    ]

    /// The claims of a text. The words about a provider are those of a page that can be paid.
    static func of(_ text: ShownText) -> Set<Claim>? {
        if text.name.hasPrefix("with") { return text.name.hasSuffix(".company") ? [] : [.stillPayable] }
        return text.name.contains(".") ? [] : ofTexts[text.name]
    }
}

/// The refunds that a text tells of: their causes, and the states in which the text is true.
struct RefundClaim {
    let causes: Set<RefundCause>
    let states: Set<RefundState>

    /// Nil for a text that tells of no refund.
    init?(_ text: ShownText) {
        let parts = text.name.split(separator: ".")
        guard parts.count == 2, let causes = Self.causes[String(parts[0])], let states = Self.states[String(parts[1])]
        else { return nil }
        (self.causes, self.states) = (causes, states)
    }

    func holds(for order: Order) -> Bool {
        order.refunds.contains { causes.contains($0.cause) && states.contains($0.state) }
    }

    private static let causes: [String: Set<RefundCause>] = [
        "refundByShop": [.merchant], "refundOfDuplicate": [.duplicate], "refundOfLate": [.late],
        "refundOfDispute": [.dispute], "refundByProvider": [.provider],
    ]
    private static let states: [String: Set<RefundState>] = [
        "underWay": [.pending, .submitted, .needsAttention], "done": [.succeeded], "failed": [.failed],
    ]
}
