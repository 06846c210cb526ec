import Testing

@testable import PayCore

/// The table of attempts in docs/concepts.md: each state under each event, through the same methods as the flows.
@Suite struct `Attempts move by the table` {
    enum Start: String, CaseIterable {
        case creating
        /// An earlier try has an unknown outcome.
        case creatingAgain
        case open, closing, exposed, closed, failed, lapsed, paid

        var state: AttemptState {
            switch self {
            case .creating: firstTry
            case .creatingAgain: laterTry
            case .open: .open
            case .closing: beingClosed
            case .exposed: .exposed(closeUnansweredAt: nil)
            case .closed: .closed
            case .failed: .failed
            case .lapsed: .lapsed
            case .paid: .paid
            }
        }

        /// The order of such an attempt, with its lease held under fence 3.
        var order: Order {
            let attempt = attempt(first, state, pages: self == .open ? [page(until: at(1))] : [])
            return PayCoreTests.order(
                [attempt], state: self == .paid ? .paid(by: first, at: noon) : .new, fence: 3, lease: lease())
        }
    }

    static let moves: [AttemptStateName: Set<AttemptStateName>] = [
        .creating: [.open, .closing, .exposed, .closed, .failed, .lapsed, .paid],
        .open: [.closing, .closed, .lapsed, .paid],
        .closing: [.exposed, .closed, .lapsed, .paid],
        .exposed: [.open, .closing, .closed, .lapsed, .paid],
        .closed: [.paid], .failed: [.paid], .lapsed: [.paid], .paid: [],
    ]

    @Test(arguments: AttemptStateName.allCases, AttemptStateName.allCases)
    func `a transition that the table of attempts does not allow is thrown`(
        from: AttemptStateName, to: AttemptStateName
    ) throws {
        // Given
        let isThere = Self.moves[from]?.contains(to) == true
        var moved = attempt(first, try state(from))

        // Then
        #expect(from.mayBecome(to) == isThere)
        if isThere {
            try moved.become(try state(to), at: at(7))
            #expect(moved.state.name == to)
            #expect(moved.stateSince == at(7))
        } else {
            let next = try state(to)
            let refused = #expect(throws: IllegalTransition.self) { try moved.become(next, at: at(7)) }
            #expect(refused?.description == "attempt \(first) can't go from \(from) to \(to)")
            #expect(moved.state.name == from)
        }
    }

    @Test func `at most creating, open and closing are live states of an attempt`() {
        #expect(AttemptStateName.allCases.filter(\.isLive) == [.creating, .open, .closing])
    }

    private func state(_ name: AttemptStateName) throws -> AttemptState {
        try #require(Start(rawValue: name.rawValue)).state
    }

    // MARK: The answer to a create

    /// The outcome for each state: the next state, and the caller's next step.
    typealias Row = [Start: String]

    static let answers: [(CreateAnswer, Row)] = [
        (made(), [.creating: "open: serve", .creatingAgain: "open: serve", .open: "open: serve"]),
        (
            .refused(reason: "NO"),
            [.creating: "failed: providerRefused", .creatingAgain: "closing: close", .open: "closing: close"]
        ),
        (
            .notSent(reason: "no connection"),
            [
                .creating: "creating: unavailable 1 s", .creatingAgain: "creating: unknown 1 s",
                .open: "open: unavailable 1 s",
            ]
        ),
        (
            .unknown(.answered),
            [
                .creating: "creating: unknown 1 s", .creatingAgain: "creating: unknown 1 s",
                .open: "open: unknown 1 s",
            ]
        ),
        (
            .unknown(.unanswered),
            [
                .creating: "creating: unknown 2 s", .creatingAgain: "creating: unknown 2 s",
                .open: "open: unknown 2 s",
            ]
        ),
        (.alreadyPaid, [.creating: "creating: query", .creatingAgain: "creating: query", .open: "open: query"]),
        (.alreadyClosed, [.creating: "creating: query", .creatingAgain: "creating: query", .open: "open: query"]),
    ]

    @Test(arguments: answers, Start.allCases)
    func `a create's answer moves an attempt that waits for it, and no other`(row: (CreateAnswer, Row), start: Start)
        throws
    {
        // Given
        var order = start.order
        let before = order

        // When
        let finished = try order.finishOpening(report(row.0, of: order.attempts[0]), under: right(3), at: at(8))

        // Then
        let expected = row.1[start]
        let after = "\(order.attempts[0].state.name): \(words(finished))"
        // Watching, which takes no lease, ends an attempt under another worker's right.
        let otherwise = start == .closed || start == .lapsed ? "beginAgain" : "fenced"
        #expect(after == expected ?? "\(start.state.name): \(otherwise)")
        if expected == nil { #expect(order == before) }
    }

    @Test(arguments: answers, Start.allCases)
    func `a create's answer under an outdated right is not stored`(row: (CreateAnswer, Row), start: Start) throws {
        // Given
        var order = start.order
        let before = order

        // When
        let finished = try order.finishOpening(report(row.0, of: order.attempts[0]), under: right(2), at: at(8))

        // Then
        #expect(finished == .fenced)
        #expect(order == before)
    }

    // MARK: The answer to a query that followed a create's answer

    static let queries: [(QueryAnswer, Row)] = [
        (
            .closed,
            [
                .creating: "closed: beginAgain", .creatingAgain: "closed: beginAgain", .open: "closed: beginAgain",
                .closing: "closed: beginAgain", .exposed: "closed: beginAgain", .closed: "closed: beginAgain",
                .failed: "failed: illegal", .lapsed: "lapsed: beginAgain", .paid: "paid: fenced",
            ]
        ),
        (.unpaid, staying("unknown 1 s")), (.noSuchTrade, staying("unknown 1 s")),
        (.unknown(.answered), staying("unknown 1 s")), (.unknown(.unanswered), staying("unknown 2 s")),
        (
            .paid(receipt()),
            [
                .creating: "paid: settled paid", .creatingAgain: "paid: settled paid", .open: "paid: settled paid",
                .closing: "paid: settled paid", .exposed: "paid: settled paid", .closed: "paid: settled paid",
                .failed: "paid: settled paid", .lapsed: "paid: settled paid, alarm",
                .paid: "paid: settled duplicate",
            ]
        ),
    ]

    /// Every answer but paid and closed leaves an attempt in its state.
    private static func staying(_ word: String) -> Row {
        Dictionary(
            uniqueKeysWithValues: Start.allCases.map { start in
                switch start {
                case .paid: (start, "paid: fenced")
                case .closed, .lapsed: (start, "\(start.state.name): beginAgain")
                case .creating, .creatingAgain, .open, .closing, .exposed, .failed:
                    (start, "\(start.state.name): \(word)")
                }
            })
    }

    @Test(arguments: queries, Start.allCases)
    func `the query after a create decides the state of the attempt`(row: (QueryAnswer, Row), start: Start) throws {
        // Given
        var order = start.order

        // When
        let word = try outcome { try order.finishQuery(row.0, of: first, under: right(3), rules: rules(), at: at(8)) }

        // Then
        #expect("\(order.attempts[0].state.name): \(word)" == row.1[start])
    }

    // MARK: The answers to close and query

    static let closes: [(QueryAnswer, closing: String, isMoney: Bool)] = [
        (.closed, "closed: closed", false), (.unpaid, "exposed: exposed, known", false),
        (.noSuchTrade, "exposed: exposed, known", false), (.unknown(.answered), "exposed: exposed, unknown", false),
        (.unknown(.unanswered), "exposed: exposed, unknown", false), (.paid(receipt()), "paid: settled paid", true),
    ]

    @Test(arguments: closes, Start.allCases)
    func `the query after a close decides the state of the attempt, whatever the close answered`(
        row: (QueryAnswer, closing: String, isMoney: Bool), start: Start
    ) throws {
        let words: [CloseAnswer] = [
            .accepted, .alreadyPaid, .noSuchTrade, .tooEarly, .refused(reason: "NO"), .unknown(.answered),
        ]
        for close in words {
            // Given
            var order = start.order
            let before = order.attempts[0].state.name

            // When
            let report = CloseReport(tradeNumber: first, close: close, query: row.0, queriedAt: at(8))
            let finished = try order.finishClosing(report, under: right(3), at: at(8))

            // Then
            let after = "\(order.attempts[0].state.name): \(self.words(finished))"
            switch (row.isMoney, start) {
            case (true, .paid): #expect(after == "paid: settled duplicate")
            case (true, .lapsed): #expect(after == "paid: settled paid, alarm")
            case (true, _): #expect(after == "paid: settled paid")
            case (false, .closing): #expect(after == row.closing)
            case (false, _): #expect(after == "\(before): fenced")
            }
        }
    }

    @Test(arguments: closes)
    func `a close under an outdated right stores money, and nothing else`(
        row: (QueryAnswer, closing: String, isMoney: Bool)
    ) throws {
        // Given
        var order = Start.closing.order
        let before = order

        // When
        let report = CloseReport(tradeNumber: first, close: .accepted, query: row.0, queriedAt: at(8))
        let finished = try order.finishClosing(report, under: right(2), at: at(8))

        // Then
        #expect(words(finished) == (row.isMoney ? "settled paid" : "fenced"))
        #expect((order == before) == !row.isMoney)
    }

    @Test(arguments: [("its own right", Int64(3)), ("an old right", 2)])
    func `disputed money is stored, and does not keep an attempt closing`(whose: String, fence: Int64) throws {
        // Given
        var order = Start.closing.order

        // When
        let odd = CloseReport(tradeNumber: first, close: .accepted, query: .paid(receipt(amount: 1)), queriedAt: at(8))
        let finished = try order.finishClosing(odd, under: right(fence), at: at(8))

        // Then
        #expect(finished == .settled(.disputed))
        #expect(order.receipts.map(\.standing) == [.disputed])
        #expect(order.state == .new)
        #expect(order.attempts[0].state.name == (fence == 3 ? .exposed : .closing))
    }

    @Test func `a close without an answer is recorded, because it may arrive later`() throws {
        // Given
        var order = Start.closing.order

        // When
        let report = CloseReport(tradeNumber: first, close: .unknown(.unanswered), query: .unpaid, queriedAt: at(8))
        _ = try order.finishClosing(report, under: right(3), at: at(8))

        // Then
        #expect(order.attempts[0].state == .exposed(closeUnansweredAt: at(8)))
    }
}

extension `Attempts move by the table` {
    private func outcome(_ finish: () throws -> FinishedOpening) throws -> String {
        do {
            return words(try finish())
        } catch is IllegalTransition {
            return "illegal"
        }
    }

    private func words(_ finished: FinishedOpening) -> String {
        switch finished {
        case .serve: "serve"
        case .refuse(.providerRefused): "providerRefused"
        case .refuse(.providerUnknown(let wait)): "unknown \(wait.secondsToWait) s"
        case .refuse(.providerUnavailable(let wait)): "unavailable \(wait.secondsToWait) s"
        case .refuse(let refusal): "\(refusal)"
        case .fenced: "fenced"
        case .close: "close"
        case .query: "query"
        case .settled(let action): "settled \(action.word)"
        case .returned(let action): "returned \(action.word)"
        case .beginAgain: "beginAgain"
        }
    }

    private func words(_ finished: FinishedClosing) -> String {
        switch finished {
        case .settled(let action): "settled \(action.word)"
        case .returned(let action): "returned \(action.word)"
        case .closed: "closed"
        case .lapsed: "lapsed"
        case .exposed(isKnown: true): "exposed, known"
        case .exposed(isKnown: false): "exposed, unknown"
        case .fenced: "fenced"
        }
    }
}
