import Testing

@testable import PayCore

/// The columns of the table of attempts for queries without a lease, and for the revival.
@Suite struct `Watched attempts move by the table` {
    typealias Start = `Attempts move by the table`.Start
    typealias Row = [Start: String]

    static let known: [QueryAnswer] = [.paid(receipt()), .unpaid, .closed, .noSuchTrade]
    static let answers: [QueryAnswer] = known + [.unknown(.answered), .unknown(.unanswered)]

    /// The outcome for each state after `open` and the others; a missing state stays.
    private static func row(_ answer: QueryAnswer, isLastWord: Bool) -> Row {
        switch answer {
        case .paid:
            Dictionary(
                uniqueKeysWithValues: Start.allCases.map { ($0, "paid: settled \(money(in: $0)), never") })
        case .closed where isLastWord:
            [.open: "closed: moved closed, never", .exposed: "closed: moved closed, never"]
        case .closed:
            [.open: "closed: moved closed, 161", .exposed: "closed: moved closed, 161"]
        case .unpaid where isLastWord, .noSuchTrade where isLastWord:
            [.open: "lapsed: moved lapsed, never", .exposed: "lapsed: moved lapsed, never"]
        case .unpaid:
            [.exposed: "exposed: close, 121"]
        case .noSuchTrade, .unknown:
            [:]
        }
    }

    /// The standing of money for a new order, or for the order that the attempt has paid.
    private static func money(in start: Start) -> String {
        switch start {
        case .paid: "duplicate"
        case .lapsed: "paid, alarm"
        case .creating, .creatingAgain, .open, .closing, .exposed, .closed, .failed: "paid"
        }
    }

    /// When an attempt in the same state is queried again.
    private static func again(_ start: Start, _ answer: QueryAnswer, isLastWord: Bool) -> String {
        switch start {
        case .creating, .creatingAgain, .closing, .lapsed, .paid: "never"
        case .open: isLastWord ? "1876" : "202"
        case .exposed: isLastWord ? "1876" : "131"
        case .closed, .failed: isLastWord ? (answer.isKnown ? "never" : "1876") : "300"
        }
    }

    @Test(arguments: answers, Start.allCases)
    func `a query without a lease moves an attempt by the table`(answer: QueryAnswer, start: Start) throws {
        for (isLastWord, asked) in [(false, 100), (true, 1_860)] {
            // Given
            var order = start.order

            // When
            let outcome = try order.finishWatching(
                answer, of: first, askedAt: at(asked), rules: rules(), at: at(asked + 1))

            // Then
            let stays =
                "\(start.state.name): stays, \(Self.again(start, answer, isLastWord: isLastWord))"
            let expected = Self.row(answer, isLastWord: isLastWord)[start] ?? stays
            #expect(described(order, outcome) == expected, "asked at \(asked)")
        }
    }

    @Test(arguments: [QueryAnswer.unpaid, .noSuchTrade])
    func `a negative answer just before the last word proves nothing`(answer: QueryAnswer) throws {
        for start in [Start.open, .exposed] {
            var order = start.order
            _ = try order.finishWatching(
                answer, of: first, askedAt: at(1_860) - millisecond, rules: rules(), at: at(1_900))
            #expect(order.attempts[0].state.name == start.state.name)
        }
    }

    @Test func `watching stores its intent before it sends a close`() throws {
        // Given
        var order = order([attempt(first, .exposed(closeUnansweredAt: at(3)), pages: [page()])], fence: 3)

        // When
        let outcome = try order.finishWatching(.unpaid, of: first, askedAt: at(99), rules: rules(), at: at(100))

        // Then
        #expect(outcome == .close(notedAt: at(100), by: at(110), closeUnansweredBefore: at(3)))
        #expect(order.attempts[0].state == .exposed(closeUnansweredAt: at(100)))
        #expect(order.attempts[0].askAt == at(120))
    }

    // MARK: The claim

    @Test(arguments: Start.allCases) func `a due attempt is claimed for one query at a time`(
        start: Start
    ) {
        // Given
        var order = order([attempt(first, start.state, askAt: at(100))], fence: 3, lease: lease(until: at(500)))

        // Then
        #expect(order.beginWatching(first, rules: rules(), at: at(100) - millisecond) == .nothing)
        #expect(order.beginWatching(first, rules: rules(), at: at(100)) == .query(first))
        #expect(order.attempts[0].askAt == at(110))
        #expect(order.beginWatching(first, rules: rules(), at: at(110) - millisecond) == .nothing)
        #expect(order.beginWatching(first, rules: rules(), at: at(110)) == .query(first))
        #expect(order.beginWatching(second, rules: rules(), at: at(200)) == .nothing)
        #expect(order.fence == Fence(3) && order.lease == lease(until: at(500)))
    }

    // MARK: The close that watching makes

    @Test(arguments: answers, Start.allCases)
    func `a close without a lease moves an attempt by the table`(answer: QueryAnswer, start: Start) throws {
        // Given
        var order = start.order
        let before = order

        // When
        let report = CloseReport(tradeNumber: first, close: .accepted, query: answer, queriedAt: at(105))
        let outcome = try order.finishWatchedClose(
            report, notedAt: at(100), closeUnansweredBefore: nil, at: at(106))

        // Then
        switch (answer, start) {
        case (.paid, .paid): #expect(outcome == .settled(.duplicate(order.refunds[0])))
        case (.paid, _): #expect(described(order, outcome) == "paid: settled \(Self.money(in: start)), never")
        case (.closed, .open), (.closed, .exposed): #expect(described(order, outcome) == "closed: moved closed, 166")
        case (_, .exposed): #expect(described(order, outcome) == "exposed: stays, 136")
        default: #expect(outcome == .stays && order == before)
        }
    }

    @Test(arguments: [
        ("its own close, answered", at(100), CloseAnswer.accepted, at(3)),
        ("its own close, unanswered", at(100), .unknown(.unanswered), at(116)),
        ("another's close since", at(109), .accepted, at(109)),
        ("another's close since, its own unanswered", at(109), .unknown(.unanswered), at(116)),
    ]) func `watching keeps the record of another worker's later close`(
        what: String, noted: Instant, close: CloseAnswer, remembered: Instant
    ) throws {
        // Given
        var order = order([attempt(first, .exposed(closeUnansweredAt: noted), pages: [page()])], fence: 3)

        // When
        let report = CloseReport(tradeNumber: first, close: close, query: .unpaid, queriedAt: at(110))
        _ = try order.finishWatchedClose(report, notedAt: at(100), closeUnansweredBefore: at(3), at: at(116))

        // Then
        #expect(order.attempts[0].state == .exposed(closeUnansweredAt: remembered))
    }

    @Test func `a revived attempt's page ends when watching finds the trade closed`() throws {
        // Given a trade whose close was sent before it was opened again.
        var order = order([attempt(first, .open, pages: [page()])], fence: 3)
        #expect(order.livePage(for: call().wish, at: at(106)) != nil)

        // When
        let report = CloseReport(tradeNumber: first, close: .accepted, query: .closed, queriedAt: at(105))
        _ = try order.finishWatchedClose(report, notedAt: at(95), closeUnansweredBefore: nil, at: at(106))

        // Then
        #expect(order.livePage(for: call().wish, at: at(106)) == nil)
    }

    // MARK: The revival

    static let revivals: [(QueryAnswer, exposed: String)] = [
        (.unpaid, "open: beginAgain"), (.noSuchTrade, "open: beginAgain"), (.closed, "closed: beginAgain"),
        (.unknown(.answered), "exposed: unknown 1 s"), (.unknown(.unanswered), "exposed: unknown 2 s"),
    ]

    @Test(arguments: revivals, Start.allCases)
    func `a query for a revival opens an exposed attempt, and no other`(
        row: (QueryAnswer, exposed: String), start: Start
    ) throws {
        // Given
        var order = start.order
        let before = order

        // When
        let finished = try order.finishRevival(
            row.0, of: first, under: right(3), queriedAt: at(7), rules: rules(), at: at(8))

        // Then
        let after = "\(order.attempts[0].state.name): \(word(finished))"
        switch start {
        case .exposed:
            #expect(after == row.exposed)
        case .closed, .failed, .lapsed:
            #expect(after == "\(start): beginAgain" && order == before)
        case .creating, .creatingAgain, .open, .closing, .paid:
            #expect(after == "\(start.state.name): fenced" && order == before)
        }
    }

    @Test(arguments: Start.allCases) func `a query for a revival that finds money stores it`(start: Start) throws {
        for fence in [Int64(2), 3] {
            var order = start.order
            let finished = try order.finishRevival(
                .paid(receipt()), of: first, under: right(fence), queriedAt: at(7), rules: rules(), at: at(8))
            #expect(word(finished) == "settled \(Self.money(in: start))")
            #expect(order.attempts[0].state == .paid)
        }
    }

    @Test(arguments: revivals) func `a query for a revival under an outdated right opens nothing`(
        row: (QueryAnswer, exposed: String)
    ) throws {
        var order = Start.exposed.order
        let before = order
        let finished = try order.finishRevival(
            row.0, of: first, under: right(2), queriedAt: at(7), rules: rules(), at: at(8))
        #expect(finished == .fenced && order == before)
    }
}

extension `Watched attempts move by the table` {
    private func described(_ order: Order, _ outcome: WatchOutcome) -> String {
        let again = order.attempts[0].askAt.map { "\($0.second)" } ?? "never"
        return "\(order.attempts[0].state.name): \(word(outcome)), \(again)"
    }

    private func word(_ outcome: WatchOutcome) -> String {
        switch outcome {
        case .settled(let action): "settled \(action.word)"
        case .moved(let state): "moved \(state)"
        case .stays: "stays"
        case .close: "close"
        }
    }

    private func word(_ finished: FinishedOpening) -> String {
        switch finished {
        case .serve: "serve"
        case .refuse(.providerUnknown(let wait)): "unknown \(wait.secondsToWait) s"
        case .refuse(let refusal): "\(refusal)"
        case .fenced: "fenced"
        case .close: "close"
        case .query: "query"
        case .settled(let action): "settled \(action.word)"
        case .returned(let action): "returned \(action.word)"
        case .beginAgain: "beginAgain"
        }
    }
}
