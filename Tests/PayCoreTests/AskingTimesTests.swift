import Testing

@testable import PayCore

/// The seconds at which an attempt is asked after, when nothing is ever learned of it.
@Suite struct `An attempt is asked after` {
    /// Asks as soon as it is due, `count` times, and stops when it is over.
    private func seconds(
        _ count: Int, _ state: AttemptState, from begin: Instant = noon, sessionEndsAt: Instant? = nil,
        answer: (Instant) -> QueryAnswer
    ) throws -> [Int64] {
        var fresh = attempt(first, firstTry, sessionEndsAt: sessionEndsAt)
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

    @Test func `often at first, rarely later, at its deadline, and once more when its last word is due`() throws {
        let expected: [Int64] = [15, 30, 60, 120, 240, 480, 960, 1_560, 1_800, 1_860]
        #expect(try seconds(99, .open) { _ in .unpaid } == expected)
        #expect(try seconds(99, .open) { _ in .noSuchTrade } == expected)
    }

    @Test func `soon again once it was opened again, however old it is`() throws {
        var old = attempt(first, .exposed(closeUnansweredAt: nil))
        try old.become(.open, at: at(1_000))
        #expect(old.askAt == at(1_015))
    }

    @Test func `twice a minute while it is offered no more`() throws {
        let found = try seconds(99, .exposed(closeUnansweredAt: nil), from: at(100)) { _ in .noSuchTrade }
        #expect(found.prefix(4) == [115, 130, 160, 190])
        #expect(found.suffix(4) == [1_780, 1_800, 1_830, 1_860])
        let closable = try seconds(99, .exposed(closeUnansweredAt: nil), from: at(100)) { _ in .unpaid }
        #expect(closable == found)
    }

    @Test func `until its session has ended, where that is later than its deadline`() throws {
        let found = try seconds(99, .open, sessionEndsAt: at(2_400)) { _ in .unpaid }
        #expect(found.suffix(5) == [960, 1_560, 1_800, 1_860, 2_460])
    }

    @Test func `no longer than to its deadline, where its session ends before that`() throws {
        #expect(try seconds(99, .open, sessionEndsAt: at(900)) { _ in .unpaid }.suffix(2) == [1_800, 1_860])
    }

    @Test func `after its last word was due until it is said, ever more rarely, and at least once an hour`() throws {
        for state in [AttemptState.open, .exposed(closeUnansweredAt: nil)] {
            let found = try seconds(99_999, state) { $0 < at(100_000) ? .unknown(.answered) : .unpaid }
            let end = found.drop { $0 < 1_860 }
            #expect(end.prefix(6) == [1_860, 1_875, 1_890, 1_920, 1_980, 2_100])
            let pauses = zip(end.dropFirst(), end).map { $0 - $1 }
            #expect(pauses.max() == 3_600 && pauses.last == 3_600)
            #expect(try #require(end.last) >= 100_000)
        }
    }

    @Test func `once more when its last word is due, where it was closed or refused, and never again`() throws {
        for state in [AttemptState.closed, .failed] {
            let found = try seconds(99, state) { _ in state == .closed ? .closed : .noSuchTrade }
            #expect(found == [1_860], "\(state)")
        }
        let unknown = try seconds(99, .closed) { $0 < at(1_890) ? .unknown(.unanswered) : .closed }
        #expect(unknown == [1_860, 1_875, 1_890])
    }

    @Test func `never by itself while somebody works on it, or it is over`() {
        for state in [firstTry, beingClosed, .lapsed, .paid] {
            #expect(attempt(first, state).nextAsk(after: at(100)) == nil)
        }
    }

    @Test func `at once when its order is paid by another`() throws {
        let old = attempt(first, .exposed(closeUnansweredAt: nil), askAt: at(500))
        var order = order([old, attempt(second, .open, channel: wechat)], fence: 2)
        _ = try order.settle(receipt(second, channel: wechat), at: at(30))
        #expect(order.attempts[0].askAt == at(30))
    }

    @Test func `no more when money that is disputed is its last word`() throws {
        var order = order([attempt(first, .open, askAt: at(1_860))], fence: 2)
        let odd = QueryAnswer.paid(receipt(amount: 1))
        for (asked, again) in [(1_000, at(1_600)), (1_860, nil)] {
            let outcome = try order.finishWatching(odd, of: first, askedAt: at(asked), rules: rules(), at: at(asked))
            #expect(outcome == .settled(asked == 1_000 ? .disputed : .alreadyRecorded))
            #expect(order.attempts[0].askAt == again)
        }
        #expect(order.state == .new && order.receipts.count == 1)
    }
}
