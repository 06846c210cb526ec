/// How a database that was restored from an older copy numbers attempts and refunds.
///
/// The providers know numbers that the copy does not have: those of the lost time between the copy and its restore.
/// The n-th restore therefore reserves a range of numbers for each lost time, for all orders, also for new ones. An
/// order has at most ``PayRules/mostAttempts`` attempts, so that no later number was ever used.
public struct Numbering: Hashable, Sendable {
    /// More refunds than one payment can have: the reserved range of a lost time.
    static let mostRefunds = 1_000_000

    /// How often the database was restored from an older copy.
    public let restores: Int

    public init(restores: Int) {
        self.restores = restores
    }

    /// The numbering of a database that was never restored.
    public static let unbroken = Numbering(restores: 0)

    /// The last sequence that an attempt of a lost time can have; 0 if there was none.
    public var lastLostSequence: Int { restores * PayRules.mostAttempts }

    /// The sequences that attempts of each lost time, and the time before it, can have.
    public var lostSequences: [ClosedRange<Int>] {
        (0..<restores).map { ($0 * PayRules.mostAttempts + 1)...(($0 + 1) * PayRules.mostAttempts) }
    }

    /// Whether the trade's number may have been used in a lost time.
    public func mayHaveLost(_ trade: TradeNumber) -> Bool { trade.sequence <= lastLostSequence }

    /// The last count that a merchant's refund of a lost time can have; 0 if there was none.
    var lastLostRefund: Int { restores * Self.mostRefunds }

    /// The counts of refunds that each lost time, and the time before it, can have used.
    var lostRefunds: [ClosedRange<Int>] {
        (0..<restores).map { ($0 * Self.mostRefunds + 1)...(($0 + 1) * Self.mostRefunds) }
    }
}

extension Order {
    /// The same order in a database with this numbering.
    public func numbered(by numbering: Numbering) -> Order {
        var order = self
        order.numbering = numbering
        return order
    }

    /// The number of the next attempt.
    var nextTradeNumber: TradeNumber {
        let last = attempts.map(\.number.sequence).max() ?? 0
        return TradeNumber(order: number, sequence: max(last, numbering.lastLostSequence) + 1)
    }

    /// Whether the trade may be an attempt of this order that was lost by a restore.
    func mayBeLost(_ trade: TradeNumber) -> Bool {
        trade.order == number && numbering.mayHaveLost(trade) && index(of: trade) == nil
    }

    /// An attempt that a restore may have lost, for a query of its provider. Its request is not known: money is compared
    /// with the order's.
    public func lostAttempt(_ trade: TradeNumber, at channel: Channel, appID: String? = nil) -> Attempt {
        let request = StoredRequest(
            terminal: .pc, payer: .none, money: money, subject: subject, providerDeadline: deadline,
            notifyURL: StoredRequest.lostNotifyURL, returnURL: returnURL, appID: appID)
        return Attempt(
            number: trade, channel: channel, request: request, createdAt: createdAt,
            state: .exposed(closeUnansweredAt: nil), stateSince: createdAt, lastWordAt: deadline)
    }

    /// Stores an attempt that a restore lost, because its provider knows the trade. Its buyer may hold a page of it, so
    /// that it is watched and closed like a superseded attempt. False if the trade can't be one that was lost.
    @discardableResult
    public mutating func takeInLost(_ trade: TradeNumber, at channel: Channel, now: Instant) -> Bool {
        guard mayBeLost(trade) else { return false }
        let index = insert(lostAttempt(trade, at: channel))
        attempts[index].ask(at: now)
        return true
    }

    /// The same, for an attempt whose provider reports money. Returns the attempt's place, or nil.
    mutating func takeInLostAttempt(of receipt: Receipt) -> Int? {
        guard mayBeLost(receipt.tradeNumber) else { return nil }
        return insert(lostAttempt(receipt.tradeNumber, at: receipt.channel, appID: receipt.appID))
    }

    private mutating func insert(_ attempt: Attempt) -> Int {
        let place = attempts.firstIndex { $0.number.sequence > attempt.number.sequence } ?? attempts.endIndex
        attempts.insert(attempt, at: place)
        return place
    }

    /// For each lost time, the first number of a merchant's refund of the trade that is not known here. The provider
    /// may know a refund by it.
    public func lostRefundNumbers(of trade: TradeNumber) -> [String] {
        guard trade.sequence <= numbering.lastLostSequence else { return [] }
        let known = refunds.compactMap { OwnRefundNumber($0.number) }.filter { $0.trade == trade }
        let counts = known.compactMap(\.merchantCount)
        return numbering.lostRefunds.compactMap { range in
            let next = (counts.filter(range.contains).max() ?? range.lowerBound - 1) + 1
            return range.contains(next) ? "\(trade)_m\(next)" : nil
        }
    }

    /// Whether a refund that was never requested here may have been requested in a lost time, under the same number.
    func mayBeRequestedAlready(_ refund: Refund) -> Bool {
        guard refund.requestedAt == nil, let own = OwnRefundNumber(refund.number) else { return false }
        // The number of a refund of money that should not have come names the receipt. It is the same after a restore.
        guard let count = own.merchantCount else { return refund.tradeNumber.sequence <= numbering.lastLostSequence }
        return count <= numbering.lastLostRefund
    }

    /// A refund of the lost time that may be the one that is asked for again: it returns the same amount of the same
    /// payment, and its merchant's number was lost.
    func lostTwin(of refund: Refund) -> Refund? {
        refunds.first { other in
            other.cause == .provider && other.tradeNumber == refund.tradeNumber && other.money == refund.money
                && other.transactionID == refund.transactionID && other.state != .failed
                && OwnRefundNumber(other.number)?.merchantCount.map { $0 <= numbering.lastLostRefund } == true
        }
    }
}

extension StoredRequest {
    /// In the place of the notify URL of an attempt that was lost: no request is sent with it.
    static let lostNotifyURL = "lost"
}

extension Refund {
    /// The code of a refund that failed because the provider made one of the same amount in a lost time. The merchant
    /// may have asked for the same refund twice, so that a person decides. A retry requests it.
    public static let lostTwinCode = "REFUNDED_BEFORE_RESTORE"
}
