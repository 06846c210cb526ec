/// The state of an order. An order leaves `new` once.
public enum OrderState: Hashable, Sendable {
    /// It can be paid until its deadline. Ended by money, the merchant's close, or expiry.
    case new
    /// It was paid. Final.
    case paid(by: TradeNumber, at: Instant)
    /// The merchant closed it. Final.
    case closed(at: Instant)
    /// Its time is over, and no attempt can take money any more. Final.
    case expired(at: Instant)

    public var name: OrderStateName {
        switch self {
        case .new: .new
        case .paid: .paid
        case .closed: .closed
        case .expired: .expired
        }
    }
}

/// The name of a state, without its values: used in rows and answers.
public enum OrderStateName: String, CaseIterable, Sendable {
    case new, paid, closed, expired
}

/// A purchase that the buyer pays for, with all of its attempts: the complete input of every rule.
///
/// It changes only through the methods in the files beside this one (open, close, settle, recover). Each method is one
/// decision.
public struct Order: Hashable, Sendable {
    public let number: OrderNumber
    public let userID: UserID
    public let money: Money
    public let subject: Subject
    public let returnURL: String?
    public let createdAt: Instant
    /// When the buyer's time to pay ends.
    public let deadline: Instant
    public internal(set) var state: OrderState
    public internal(set) var fence: Fence
    public internal(set) var lease: Lease?
    public internal(set) var attempts: [Attempt]
    public internal(set) var receipts: [RecordedReceipt]
    public internal(set) var refunds: [Refund]
    /// How the database numbers attempts and refunds. It is no part of the order's own row.
    public internal(set) var numbering: Numbering
    /// The events since the order was loaded, for the merchant.
    public internal(set) var newEvents: [OrderEvent] = []

    public init(
        number: OrderNumber, userID: UserID, money: Money, subject: Subject, returnURL: String?, createdAt: Instant,
        deadline: Instant, state: OrderState = .new, fence: Fence = Fence(0), lease: Lease? = nil,
        attempts: [Attempt] = [], receipts: [RecordedReceipt] = [], refunds: [Refund] = [],
        numbering: Numbering = .unbroken
    ) {
        self.number = number
        self.userID = userID
        self.money = money
        self.subject = subject
        self.returnURL = returnURL
        self.createdAt = createdAt
        self.deadline = deadline
        self.state = state
        self.fence = fence
        self.lease = lease
        self.attempts = attempts
        self.receipts = receipts
        self.refunds = refunds
        self.numbering = numbering
    }

    /// The attempt that is `creating`, `open` or `closing`; there is at most one.
    public var liveAttempt: Attempt? { liveIndex.map { attempts[$0] } }

    var liveIndex: Int? { attempts.firstIndex { $0.state.name.isLive } }

    /// Whether any decision has been stored for it: a draft has none.
    public var hasBegun: Bool { fence > Fence(0) }

    public func attempt(_ number: TradeNumber) -> Attempt? {
        attempts.first { $0.number == number }
    }

    /// The page that the wish is given without a provider call; nil if there is none.
    public func livePage(for wish: PageWish, at now: Instant) -> ServedPage? {
        guard state == .new, let attempt = liveAttempt, let page = attempt.livePage(for: wish, at: now) else {
            return nil
        }
        return ServedPage(tradeNumber: attempt.number, channel: attempt.channel, page: page)
    }

    /// The order without the times of its next queries, which no caller sees.
    public var asIfUnwatched: Order {
        var same = self
        for index in same.attempts.indices { same.attempts[index].ask(at: nil) }
        for index in same.refunds.indices { same.refunds[index].askAt = nil }
        return same
    }

    func index(of number: TradeNumber) -> Int? {
        attempts.firstIndex { $0.number == number }
    }

    /// Leaves `new` once, and raises the fence, so that no pending answer is stored any more.
    mutating func leaveNew(for next: OrderState) throws(IllegalTransition) {
        guard state == .new, next != .new else {
            throw IllegalTransition(description: "order \(number) can't go from \(state.name) to \(next.name)")
        }
        state = next
        fence = fence.next
        lease = nil
    }
}

/// A page with the attempt that it belongs to.
public struct ServedPage: Hashable, Sendable {
    public let tradeNumber: TradeNumber
    public let channel: Channel
    public let page: Page

    public init(tradeNumber: TradeNumber, channel: Channel, page: Page) {
        self.tradeNumber = tradeNumber
        self.channel = channel
        self.page = page
    }
}
