import Testing

@testable import PayCore

/// The seconds at which an attempt is queried while no answer brings news.
@Suite struct `Queries of an attempt` {
    /// Queries whenever a query is due, `count` times at most, and stops when the attempt is over.
    private func seconds(
        _ count: Int, _ state: AttemptState, from begin: Instant = noon, providerDeadline: Instant = at(1_800),
        sessionEndsAt: Instant? = nil, answer: (Instant) -> QueryAnswer
    ) throws -> [Int64] {
        var fresh = attempt(first, firstTry, providerDeadline: providerDeadline, sessionEndsAt: sessionEndsAt)
        if state != .open, state != .failed { try fresh.become(.open, at: begin) }
        if state.name == .closed { try fresh.become(beingClosed, at: begin) }
        if state.name == .exposed { try fresh.become(beingClosed, at: begin) }
        try fresh.become(state, at: begin)
        var order = order([fresh], fence: 2)
        var seconds: [Int64] = []
        while seconds.count < count, let askAt = order.attempts[0].askAt {
            seconds.append(askAt.second)
            #expect(order.beginWatching(first, rules: rules(), at: askAt) == .query(first))
            let outcome = try order.finishWatching(
                answer(askAt), of: first, askedAt: askAt, rules: rules(), at: askAt)
            guard case .close(let notedAt, _, let before) = outcome else { continue }
            let report = CloseReport(tradeNumber: first, close: .tooEarly, query: .unpaid, queriedAt: askAt)
            _ = try order.finishWatchedClose(report, notedAt: notedAt, closeUnansweredBefore: before, at: askAt)
        }
        return seconds
    }

    @Test func `an attempt is queried often at first, rarely later, at its deadline and at its last word`() throws {
        let expected: [Int64] = [15, 30, 60, 120, 240, 480, 960, 1_560, 1_800, 1_860]
        #expect(try seconds(99, .open) { _ in .unpaid } == expected)
        #expect(try seconds(99, .open) { _ in .noSuchTrade } == expected)
    }

    @Test func `a revived attempt is queried soon again, whatever its age`() throws {
        var old = attempt(first, .exposed(closeUnansweredAt: nil))
        try old.become(.open, at: at(1_000))
        #expect(old.askAt == at(1_015))
    }

    @Test func `a superseded attempt is queried twice a minute`() throws {
        let found = try seconds(99, .exposed(closeUnansweredAt: nil), from: at(100)) { _ in .noSuchTrade }
        #expect(found.prefix(4) == [115, 130, 160, 190])
        #expect(found.suffix(4) == [1_780, 1_800, 1_830, 1_860])
        let closable = try seconds(99, .exposed(closeUnansweredAt: nil), from: at(100)) { _ in .unpaid }
        #expect(closable == found)
    }

    @Test func `an attempt is queried until its session has ended, if that is after its deadline`() throws {
        let found = try seconds(99, .open, sessionEndsAt: at(2_400)) { _ in .unpaid }
        #expect(found.suffix(5) == [960, 1_560, 1_800, 1_860, 2_460])
    }

    @Test func `an attempt is queried up to its deadline, if its session ends before that`() throws {
        #expect(try seconds(99, .open, sessionEndsAt: at(900)) { _ in .unpaid }.suffix(2) == [1_800, 1_860])
    }

    @Test func `an attempt without a last word is queried ever more rarely, but at least once an hour`() throws {
        for state in [AttemptState.open, .exposed(closeUnansweredAt: nil)] {
            let found = try seconds(99_999, state) { $0 < at(100_000) ? .unknown(.answered) : .unpaid }
            let end = found.drop { $0 < 1_860 }
            #expect(end.prefix(6) == [1_860, 1_875, 1_890, 1_920, 1_980, 2_100])
            let pauses = zip(end.dropFirst(), end).map { $0 - $1 }
            #expect(pauses.max() == 3_600 && pauses.last == 3_600)
            #expect(try #require(end.last) >= 100_000)
        }
    }

    @Test func `a closed or refused attempt is queried a few times in an hour, and once at its last word`()
        throws
    {
        for state in [AttemptState.closed, .failed] {
            let found = try seconds(99, state) { _ in state == .closed ? .closed : .noSuchTrade }
            #expect(found == [60, 300, 900, 1_860], "\(state)")
            let longLived = try seconds(99, state, providerDeadline: at(86_400)) { _ in .closed }
            #expect(longLived == [60, 300, 900, 3_600, 86_460], "\(state)")
            let late = try seconds(99, state, from: at(1_750)) { _ in .closed }
            #expect(late == [1_810, 1_860], "\(state)")
        }
        let unknown = try seconds(99, .closed) { $0 < at(1_890) ? .unknown(.unanswered) : .closed }
        #expect(unknown == [60, 300, 900, 1_860, 1_875, 1_890])
    }

    @Test func `an attempt under a lease, or over, is never queried by watching`() {
        for state in [firstTry, beingClosed, .lapsed, .paid] {
            #expect(attempt(first, state).nextAsk(after: at(100)) == nil)
        }
    }

    @Test func `an attempt is queried at once when another attempt pays its order`() throws {
        let old = attempt(first, .exposed(closeUnansweredAt: nil), askAt: at(500))
        var order = order([old, attempt(second, .open, channel: wechat)], fence: 2)
        _ = try order.settle(receipt(second, channel: wechat), at: at(30))
        #expect(order.attempts[0].askAt == at(30))
    }

    @Test(arguments: [AttemptState.open, .exposed(closeUnansweredAt: nil), .closed, .failed])
    func `an attempt with disputed money is queried hourly for a week after its last word`(state: AttemptState) throws {
        let odd = receipt(amount: 1)
        let found = try seconds(999, state) { _ in .paid(odd) }
        let end = found.drop { $0 < 1_860 }
        #expect(end.prefix(3) == [1_860, 5_460, 9_060])
        #expect(end.count == 7 * 24 + 1 && end.last == 1_860 + 7 * 86_400)
    }

    @Test(arguments: [AttemptState.open, .exposed(closeUnansweredAt: nil), .closed, .failed])
    func `a notice of a change during a query causes one more query`(state: AttemptState) throws {
        for (answer, asked) in [(QueryAnswer.noSuchTrade, 100), (.noSuchTrade, 1_860), (.unknown(.unanswered), 100)] {
            // An open attempt that is over by then is not watched any more.
            if asked == 1_860, state.name == .open || state.name == .exposed { continue }
            var order = order([attempt(first, state, askAt: at(asked))], fence: 2)
            _ = order.beginWatching(first, rules: rules(), at: at(asked))
            order.hearOfChange(of: first, at: at(asked + 1))
            _ = try order.finishWatching(
                answer, of: first, askedAt: at(asked), rules: rules(), at: at(asked + 2))
            #expect(order.attempts[0].askAt == at(asked + 1))
        }
    }

    @Test(arguments: `Attempts move by the table`.Start.allCases)
    func `a notice of a change causes a query at once`(
        start: `Attempts move by the table`.Start
    ) {
        for askAt in [Instant?.none, at(20), at(900)] {
            var order = order([attempt(first, start.state, askAt: askAt), attempt(second, .closed, askAt: at(900))])
            let before = order.attempts[0]
            order.hearOfChange(of: first, at: at(30))
            order.hearOfChange(of: trade(3), at: at(30))
            switch start {
            case .open, .exposed, .closed, .failed:
                #expect(order.attempts[0].askAt == (askAt == at(20) ? at(20) : at(30)))
            case .creating, .creatingAgain, .closing, .lapsed, .paid:
                #expect(order.attempts[0] == before)
            }
            #expect(order.attempts[1].askAt == at(900))
        }
    }
}
