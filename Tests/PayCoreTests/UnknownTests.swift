import Testing

@testable import PayCore

@Suite struct `An unknown create` {
    /// A create without an answer; its lease is kept.
    private func unanswered() throws -> Order {
        var order = draft()
        _ = try order.beginOpening(call(), at: at(0))
        let finished = try order.finishOpening(
            report(.unknown(.unanswered), of: order.attempts[0]), under: right(1), at: at(8))
        #expect(finished == .refuse(.providerUnknown(retryAfter: .seconds(2))))
        return order
    }

    /// A create with an unreadable answer; its lease was given back.
    private func answered() throws -> Order {
        var order = draft()
        _ = try order.beginOpening(call(), at: at(0))
        let finished = try order.finishOpening(
            report(.unknown(.answered), of: order.attempts[0]), under: right(1), at: at(8))
        #expect(finished == .refuse(.providerUnknown(retryAfter: .seconds(1))))
        return order
    }

    @Test func `after an unreadable answer to a create the next call sends it again at once`() throws {
        var order = try answered()
        let stored = order.attempts[0].storedCreate
        #expect(order.lease == nil)
        #expect(try order.beginOpening(call(), at: at(8)) == .create(right(2), stored, wasStale: false))
        #expect(order.attempts[0].state == .creating(Tries(count: 2, firstUnknownAt: at(8), recoverAt: at(18))))
    }

    @Test func `after a create without an answer callers get the rest of the lease as the wait`() throws {
        var order = try unanswered()
        let stored = order.attempts[0].storedCreate
        #expect(order.lease == lease(unanswered: true))
        for (now, left) in [(at(8), Duration.seconds(2)), (at(10) - millisecond, millisecond)] {
            #expect(try order.beginOpening(call(), at: now) == .refuse(.providerUnknown(retryAfter: left)))
        }
        #expect(try order.beginOpening(call(), at: at(10)) == .create(right(2), stored, wasStale: false))
    }

    @Test func `a held lease makes other calls wait, whatever their channel`() throws {
        var order = draft()
        _ = try order.beginOpening(call(), at: at(0))
        let before = order
        #expect(try order.beginOpening(call(by: successor), at: at(4)) == .wait(until: at(10)))
        #expect(try order.beginOpening(call(wechat, by: successor), at: at(4)) == .wait(until: at(10)))
        #expect(order == before)
    }

    @Test func `an unknown create is superseded by another channel at once, even under a kept lease`() throws {
        for start in [try answered(), try unanswered()] {
            // Given
            var order = start

            // When
            let step = try order.beginOpening(call(wechat, rules: rules(switching: .strict)), at: at(8))
            #expect(step == .beginAgain(right(2)))
            let next = try order.beginOpening(
                call(wechat, rules: rules(switching: .strict)), holding: right(2), at: at(8))

            // Then
            guard case .create(right(2), let request, wasStale: false) = next else {
                Issue.record("\(next)")
                continue
            }
            #expect(request.tradeNumber == second && request.channel == wechat)
            #expect(order.attempts.map(\.state.name) == [.exposed, .creating])
        }
    }

    @Test(arguments: [
        // The next try, the second since it is unknown, and whether it may be superseded at second 60.
        (3, 0, false), (4, 31, false), (4, 30, true), (9, 31, false), (9, 0, true),
    ]) func `an unknown create is superseded by its own channel after three leases and three unknown answers`(
        count: Int, since: Int, givesWay: Bool
    ) throws {
        let tries = AttemptState.creating(Tries(count: count, firstUnknownAt: at(since), recoverAt: at(60)))
        var order = order([attempt(first, tries)], fence: 5)
        let step = try order.beginOpening(call(), at: at(60))
        if givesWay {
            #expect(step == .beginAgain(right(6)))
            #expect(order.attempts[0].state.name == .exposed)
        } else {
            #expect(step == .create(right(6), order.attempts[0].storedCreate, wasStale: false))
        }
    }

    @Test func `an unknown create whose number can't be sent again is superseded after its lease`() throws {
        // Given
        let call = call(terms: terms(mayBeAskedAgain: false))
        var order = try unanswered()

        // Then
        #expect(try order.beginOpening(call, at: at(9)) == .refuse(.providerUnknown(retryAfter: .seconds(1))))
        #expect(try order.beginOpening(call, at: at(10)) == .beginAgain(right(2)))
    }

    @Test func `an unknown create is not superseded if no attempt is left`() throws {
        // Given
        let failed = (1...19).map { attempt(trade($0), .failed) }
        var order = order(failed + [attempt(trade(20), laterTry)], fence: 20)
        let before = order

        // Then
        #expect(try order.beginOpening(call(wechat), at: at(5)) == .refuse(.tooManyAttempts))
        #expect(order == before)
    }

    @Test func `an unknown create is not superseded by a channel without time for a page`() throws {
        // Given
        var order = order([attempt(first, laterTry)], fence: 5)
        let before = order

        // Then
        let late = call(wechat, terms: terms(shortestLife: .refuseBelow(.seconds(120))))
        #expect(try order.beginOpening(late, at: at(1_700)) == .refuse(.tooLate))
        #expect(order == before)
    }

    @Test func `a refusal is final only while no earlier try is unknown`() throws {
        // Given
        var order = try answered()
        _ = try order.beginOpening(call(), at: at(8))

        // When
        let finished = try order.finishOpening(
            report(.refused(reason: "EXISTS"), of: order.attempts[0]), under: right(2), at: at(9))

        // Then
        #expect(finished == .close(first))
        #expect(order.attempts[0].state == .closing(Closing(recoverAt: at(19), closeUnansweredAt: nil)))
        #expect(order.lease != nil)
    }

    @Test func `a request that was not sent changes nothing about an earlier one that may have arrived`() throws {
        // Given
        var order = try answered()
        _ = try order.beginOpening(call(), at: at(8))

        // When
        let finished = try order.finishOpening(
            report(.notSent(reason: "refused"), of: order.attempts[0]), under: right(2), at: at(9))

        // Then
        #expect(finished == .refuse(.providerUnknown(retryAfter: .seconds(1))))
        #expect(order.attempts[0].state.name == .creating)
        #expect(order.lease == nil)
    }

    @Test func `an unknown page replacement leaves the attempt open, without a page`() throws {
        for doubt in [Doubt.answered, .unanswered] {
            // Given
            var order = order([attempt(first, .open, pages: [page()])], fence: 2)
            _ = try order.beginOpening(call(fresh: true), at: at(5))

            // When
            let finished = try order.finishOpening(
                report(.unknown(doubt), of: order.attempts[0]), under: right(3), at: at(13))

            // Then
            let wait = doubt == .answered ? 1 : 2
            #expect(finished == .refuse(.providerUnknown(retryAfter: .seconds(wait))))
            #expect(order.attempts[0].state == .open)
            #expect(order.livePage(for: call().wish, at: at(13)) == nil)
            #expect((order.lease == nil) == (doubt == .answered))
        }
    }

    // MARK: The view of a waiting call

    static let looks: [(String, Order, WaitingLook)] = [
        ("at work", order([attempt(first, firstTry)], fence: 1, lease: lease()), .atWork(until: at(10))),
        ("ended", order([attempt(first, laterTry)], fence: 1), .ended),
        ("its lease ran out", order([attempt(first, firstTry)], fence: 1, lease: lease(until: at(5))), .ended),
        (
            "never answered", order([attempt(first, laterTry)], fence: 1, lease: lease(unanswered: true)),
            .refuse(.providerUnknown(retryAfter: .seconds(5)))
        ),
        ("a page", order([attempt(first, .open, pages: [page()])], fence: 1), .serve(served(page()))),
        (
            "paid", order([attempt(first, .paid)], state: .paid(by: first, at: noon), fence: 2),
            .refuse(.orderNotNew(.paid))
        ),
        ("expired", order([], state: .expired(at: noon), fence: 2), .refuse(.tooLate)),
    ]

    @Test(arguments: looks.map(\.0)) func `a call that waits for an unknown create only looks`(what: String) throws {
        let (_, order, look) = try #require(Self.looks.first { $0.0 == what })
        #expect(order.look(for: call(), since: at(0), at: at(5)) == look)
    }

    @Test(arguments: [(true, true), (false, false)])
    func `a call for a fresh page waits until a newer page is there`(
        fresh: Bool, takesStoredPage: Bool
    ) {
        let order = order([attempt(first, .open, pages: [page()])], fence: 1)
        let dead = call(fresh: fresh, takesStoredPage: takesStoredPage)
        let mintedAt = page().mintedAt
        #expect(order.look(for: dead, since: mintedAt + .milliseconds(1), at: at(5)) == .ended)
        #expect(order.look(for: dead, since: mintedAt, at: at(5)) == .serve(served(page())))
    }
}
