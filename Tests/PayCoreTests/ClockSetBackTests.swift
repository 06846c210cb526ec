import Testing

@testable import PayCore

/// The clock was set back by an hour: a time set an hour ahead counts as set now.
@Suite struct `After the clock was set back` {
    private static let future = at(3_600)
    private let now = at(60)

    private func creating(until end: Instant = future, unanswered: Bool) -> Order {
        let tries = Tries(count: 2, firstUnknownAt: Self.future, recoverAt: end)
        return order([attempt(first, .creating(tries))], fence: 3, lease: lease(until: end, unanswered: unanswered))
    }

    @Test func `after the clock was set back a lease is shortened once, to the length of a new one`() throws {
        for isUnanswered in [false, true] {
            var order = creating(unanswered: isUnanswered)
            let end = now + rules().leaseLength
            let step = try order.beginOpening(call(by: successor), at: now)
            #expect(step == (isUnanswered ? .refuse(.providerUnknown(retryAfter: .seconds(10))) : .wait(until: end)))
            #expect(order.lease?.endsAt == end && order.fence == Fence(3))

            let later = try order.beginOpening(call(by: successor), at: now + .seconds(4))
            let left = Duration.seconds(6)
            #expect(later == (isUnanswered ? .refuse(.providerUnknown(retryAfter: left)) : .wait(until: end)))
            guard case .create = try order.beginOpening(call(by: successor), at: end) else {
                Issue.record("the lease holds for longer than a lease can")
                return
            }
        }
    }

    @Test func `a lease no longer than a new one is not shortened`() throws {
        var order = creating(until: now + rules().leaseLength, unanswered: true)
        let before = order
        _ = try order.beginOpening(call(by: successor), at: now)
        #expect(order == before)
    }

    @Test func `a lease of a process with the longest time-out is not shortened`() throws {
        var order = creating(until: now + PayRules.longestLease, unanswered: true)
        let before = order
        _ = try order.beginOpening(call(by: successor), at: now)
        #expect(order == before)
    }

    @Test func `after the clock was set back a reader waits no longer than a lease can last`() {
        let limit = Duration.seconds(10)
        #expect(creating(unanswered: false).look(for: call(), since: now, at: now) == .atWork(until: now + limit))
        #expect(
            creating(unanswered: true).look(for: call(), since: now, at: now)
                == .refuse(.providerUnknown(retryAfter: limit)))
    }

    @Test func `the merchant's close, recovery and expiry also shorten a lease from the future`() throws {
        let end = now + rules().leaseLength
        var closed = creating(unanswered: true)
        let step = try closed.beginMerchantClose(
            by: successor, holding: nil, asked: [], rules: rules(), at: now)
        #expect(step == .refuse(.providerUnknown(retryAfter: .seconds(10))) && closed.lease?.endsAt == end)
        var recovered = creating(unanswered: true)
        #expect(try recovered.beginRecovery(by: successor, terms: terms(), rules: rules(), at: now) == .nothing)
        #expect(recovered.lease?.endsAt == end)
        var expired = creating(unanswered: true)
        #expect(try expired.beginExpiry(by: successor, rules: rules(), at: now) == .nothing)
        #expect(expired.lease?.endsAt == end)
    }

    @Test(arguments: [
        AttemptState.creating(Tries(count: 2, firstUnknownAt: at(3_500), recoverAt: at(3_600))),
        .closing(Closing(recoverAt: at(3_600), closeUnansweredAt: nil)),
    ]) func `recovery after the clock was set back does not wait for the old time`(state: AttemptState) throws {
        var order = order([attempt(first, state)], fence: 3)
        #expect(try order.beginRecovery(by: successor, terms: terms(), rules: rules(), at: now) != .nothing)

        // A recovery within the longest possible pause still waits for its time.
        var planned = self.order(
            [attempt(first, .closing(Closing(recoverAt: at(360), closeUnansweredAt: nil)))], fence: 3)
        #expect(try planned.beginRecovery(by: successor, terms: terms(), rules: rules(), at: now) == .nothing)
    }

    private func order(_ attempts: [Attempt], fence: Int64, lease: Lease? = nil) -> Order {
        PayCoreTests.order(attempts, fence: fence, lease: lease)
    }

    @Test func `a refund with a time from before the clock was set back is due`() {
        func refunding(askAt: Instant) -> Order {
            Order(
                number: number, userID: UserID("user-7")!, money: yuan, subject: Subject("two cups")!, returnURL: nil,
                createdAt: noon, deadline: at(1_800), state: .closed(at: at(5)), fence: Fence(3),
                attempts: [attempt(first, .paid)],
                refunds: [
                    Refund(
                        number: "r1", tradeNumber: first, transactionID: TransactionID("tx-1")!, money: yuan,
                        cause: .duplicate, state: .pending, createdAt: at(10), askAt: askAt)
                ])
        }
        var planned = refunding(askAt: now + Refund.longestPause)
        #expect(planned.beginRefund("r1", rules: rules(), at: now) == .nothing)
        var ahead = refunding(askAt: now + Refund.longestPause + millisecond)
        #expect(ahead.beginRefund("r1", rules: rules(), at: now) != .nothing)
    }
}
