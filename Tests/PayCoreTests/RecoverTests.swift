import Testing

@testable import PayCore

@Suite struct `Lease recovery` {
    typealias Start = `Attempts move by the table`.Start

    /// The recovery step of each state after its lease has expired: before the cut-off, after it, and after the order
    /// is over.
    static let steps: [(Start, inTime: String, tooLate: String, over: String)] = [
        (.creating, "create", "close", "close"), (.creatingAgain, "create", "close", "close"),
        (.open, "nothing", "nothing", "nothing"), (.closing, "close", "close", "close"),
        (.exposed, "nothing", "nothing", "nothing"), (.closed, "nothing", "nothing", "nothing"),
        (.failed, "nothing", "nothing", "nothing"), (.lapsed, "nothing", "nothing", "nothing"),
        (.paid, "nothing", "nothing", "nothing"),
    ]

    @Test(arguments: steps)
    func `lease recovery does the step of each attempt state`(
        row: (start: Start, inTime: String, tooLate: String, over: String)
    ) throws {
        let cases: [(String, OrderState, Instant)] = [
            (row.inTime, .new, at(10)), (row.tooLate, .new, at(1_740)),
            (row.over, .paid(by: second, at: noon), at(10)), (row.over, .closed(at: noon), at(10)),
            (row.over, .expired(at: noon), at(10)),
        ]
        for (expected, state, now) in cases {
            // Given
            var order = order([attempt(first, row.start.state)], state: state, fence: 3, lease: lease())
            let before = order

            // When
            let step = try order.beginRecovery(by: successor, terms: terms(), rules: rules(), at: now)

            // Then
            #expect(word(step) == expected, "\(row.start) of an order that is \(state.name)")
            if expected == "nothing" {
                #expect(order == before)
            } else {
                #expect(order.fence == Fence(4))
                #expect(order.lease == lease(of: successor, until: now + .seconds(10)))
                #expect(order.attempts[0].state.recoverAt == now + .seconds(10))
            }
        }
    }

    @Test(arguments: [beingClosed, firstTry, laterTry])
    func `lease recovery takes nothing over before the lease has expired`(state: AttemptState) throws {
        // Given
        var order = order([attempt(first, state)], fence: 3, lease: lease())

        // Then
        let early = try order.beginRecovery(by: successor, terms: terms(), rules: rules(), at: at(10) - millisecond)
        let due = try order.beginRecovery(by: successor, terms: terms(), rules: rules(), at: at(10))
        #expect(early == .nothing && due != .nothing)
    }

    @Test func `lease recovery sends the stored request again, under the same number`() throws {
        // Given
        var order = order([attempt(first, firstTry, terminal: .h5, openID: "o-1")], fence: 3, lease: lease())
        let stored = order.attempts[0].request

        // When
        let step = try order.beginRecovery(by: successor, terms: terms(), rules: rules(), at: at(10))

        // Then
        let request = CreateRequest(
            tradeNumber: first, channel: sandbox, stored: stored, terminal: .h5, openID: "o-1",
            createdAt: order.attempts[0].createdAt)
        #expect(step == .create(right(4), request))
        #expect(order.attempts[0].state == .creating(Tries(count: 1, firstUnknownAt: at(10), recoverAt: at(20))))
    }

    @Test(arguments: [
        ("a number that can't be asked again", terms(mayBeAskedAgain: false), at(10)),
        ("no room for a page", terms(shortestLife: .refuseBelow(.seconds(120))), at(1_700)),
        ("a terminal that isn't served any more", ProviderTerms(trades: [.h5: terms().trades[.h5]!]), at(10)),
    ]) func `lease recovery closes an attempt whose page has no use any more`(
        what: String, terms: ProviderTerms, now: Instant
    ) throws {
        var order = order([attempt(first, firstTry)], fence: 3, lease: lease())
        let step = try order.beginRecovery(by: successor, terms: terms, rules: rules(), at: now)
        #expect(step == .close(right(4), first))
        #expect(order.attempts[0].state.name == .closing)
    }

    @Test(arguments: [(1, 10), (2, 20), (3, 40), (4, 80), (5, 160), (6, 300), (7, 300), (1_000, 300)])
    func `lease recovery waits longer after each unknown outcome`(count: Int, pause: Int) throws {
        // Given
        let tries = AttemptState.creating(Tries(count: count, firstUnknownAt: nil, recoverAt: at(10)))
        var order = order([attempt(first, tries)], fence: 3, lease: lease())

        // When
        _ = try order.finishOpening(report(.unknown(.answered), of: order.attempts[0]), under: right(3), at: at(3))

        // Then
        #expect(order.attempts[0].state.recoverAt == at(max(10, 3 + pause)))
    }

    @Test func `lease recovery records that an earlier close may have arrived`() throws {
        var order = order([attempt(first, beingClosed)], fence: 3, lease: lease())
        _ = try order.beginRecovery(by: successor, terms: terms(), rules: rules(), at: at(12))
        #expect(order.attempts[0].state == .closing(Closing(recoverAt: at(22), closeUnansweredAt: at(12))))
    }

    private func word(_ step: RecoveryStep) -> String {
        switch step {
        case .nothing: "nothing"
        case .create: "create"
        case .close: "close"
        }
    }
}
