import Testing

@testable import PayCore

/// The table of orders in docs/concepts.md: each state under each event.
@Suite struct `Orders move by the table` {
    /// The outcome of each event, in the words of the table.
    struct Row: Sendable, CustomTestStringConvertible {
        let state: OrderState
        let pay: String
        let money: String
        let merchantCloses: String
        let clock: String

        var testDescription: String { state.name.rawValue }
    }

    static let rows = [
        Row(state: .new, pay: "create", money: "paid", merchantCloses: "closed", clock: "expired"),
        Row(
            state: .paid(by: second, at: noon), pay: "orderNotNew paid", money: "duplicate",
            merchantCloses: "orderNotNew paid", clock: "nothing"),
        Row(
            state: .closed(at: noon), pay: "orderNotNew closed", money: "late", merchantCloses: "closed before",
            clock: "nothing"),
        Row(
            state: .expired(at: noon), pay: "tooLate", money: "late", merchantCloses: "orderNotNew expired",
            clock: "nothing"),
    ]

    private func start(_ row: Row) -> Order {
        order([attempt(first, .closed)], state: row.state, fence: 2)
    }

    @Test(arguments: rows) func `a pay call gets the outcome of the order's state`(row: Row) throws {
        var order = start(row)
        let step = try order.beginOpening(call(), at: at(20))
        switch step {
        case .refuse(let refusal):
            #expect(word(refusal) == row.pay)
            #expect(order == start(row))
        case .create:
            #expect(row.pay == "create" && order.state == .new)
        case .serve, .wait, .close, .closeAgain, .queryToRevive, .beginAgain:
            Issue.record("\(step)")
        }
    }

    @Test(arguments: rows) func `a pay call after the cut-off gets the outcome of the order's state`(row: Row) throws {
        for policy in DeadlinePolicy.allCases {
            var order = start(row)
            let cutOff = policy == .reserve ? at(1_740) : at(1_800)
            let step = try order.beginOpening(call(rules: rules(policy)), at: cutOff)
            #expect(step == .refuse(row.state == .new ? .tooLate : PayRefusal(row.state.name)))
            #expect(order == start(row))
        }
    }

    @Test(arguments: rows) func `money gets the outcome of the order's state`(row: Row) throws {
        var order = start(row)
        #expect(try order.settle(receipt(), at: at(20)).word == row.money)
        #expect(order.state == (row.state == .new ? .paid(by: first, at: at(20)) : row.state))
        #expect(order.refunds.count == (row.state == .new ? 0 : 1))
        #expect(order.fence == Fence(row.state == .new ? 3 : 2))
    }

    @Test(arguments: rows) func `the merchant's close gets the outcome of the order's state`(row: Row) throws {
        var order = start(row)
        let step = try order.beginMerchantClose(by: worker, holding: nil, asked: [], rules: rules(), at: at(20))
        switch step {
        case .done(isNews: true): #expect(row.merchantCloses == "closed" && order.state == .closed(at: at(20)))
        case .done(isNews: false): #expect(row.merchantCloses == "closed before" && order == start(row))
        case .refuse(let refusal): #expect(word(refusal) == row.merchantCloses && order == start(row))
        case .wait, .close: Issue.record("\(step)")
        }
    }

    @Test(arguments: rows) func `the clock gets the outcome of the order's state`(row: Row) throws {
        var order = start(row)
        let step = try order.beginExpiry(by: worker, rules: rules(), at: at(1_860))
        #expect(step == (row.clock == "expired" ? .expired : .nothing))
        #expect(order.state == (row.state == .new ? .expired(at: at(1_860)) : row.state))
        if row.clock == "nothing" { #expect(order == start(row)) }
    }

    private func word(_ refusal: PayRefusal) -> String {
        switch refusal {
        case .orderNotNew(let state): "orderNotNew \(state)"
        default: "\(refusal)"
        }
    }
}

@Suite struct `The end of an order's time` {
    typealias Start = `Attempts move by the table`.Start

    private func order(
        _ start: Start, askAt: Instant? = nil, policy: DeadlinePolicy = .reserve, state: OrderState = .new
    ) -> Order {
        let providerDeadline = policy == .reserve ? at(1_800) : at(1_860)
        let attempt = attempt(
            first, start.state, providerDeadline: providerDeadline, pages: [page()], askAt: askAt)
        return PayCoreTests.order([attempt], state: start == .paid ? .paid(by: first, at: noon) : state, fence: 3)
    }

    /// The step for each state after the provider deadline, with a query still due and without.
    static let steps: [(Start, toBeAsked: String, asked: String)] = [
        (.creating, "nothing", "nothing"), (.creatingAgain, "nothing", "nothing"), (.open, "close", "close"),
        (.closing, "nothing", "nothing"), (.exposed, "nothing", "nothing"), (.closed, "nothing", "expired"),
        (.failed, "nothing", "expired"), (.lapsed, "expired", "expired"), (.paid, "nothing", "nothing"),
    ]

    @Test(arguments: steps)
    func `an order expires when none of its attempts can take money any more`(
        row: (start: Start, toBeAsked: String, asked: String)
    ) throws {
        for (askAt, expected) in [(at(2_000), row.toBeAsked), (nil, row.asked)] {
            // Given
            var order = order(row.start, askAt: askAt)
            let before = order

            // When
            let step = try order.beginExpiry(by: worker, rules: rules(), at: at(1_860))

            // Then
            switch step {
            case .nothing:
                #expect(expected == "nothing" && order == before)
            case .close(let right, let number):
                #expect(expected == "close" && right == PayCoreTests.right(4) && number == first)
                #expect(order.attempts[0].state == .closing(Closing(recoverAt: at(1_870), closeUnansweredAt: nil)))
                #expect(order.state == .new)
            case .expired:
                #expect(expected == "expired" && order.state == .expired(at: at(1_860)))
                #expect(order.fence == Fence(4))
                #expect(
                    order.newEvents
                        == [OrderEvent(kind: .orderExpired, tradeNumber: nil, transactionID: nil, at: at(1_860))])
            }
        }
    }

    @Test(arguments: [OrderState.paid(by: second, at: noon), .closed(at: noon), .expired(at: noon)], Start.allCases)
    func `an order that is over does not expire again`(state: OrderState, start: Start) throws {
        var order = order(start, state: state)
        let step = try order.beginExpiry(by: worker, rules: rules(), at: at(9_000))
        #expect(step != .expired)
        #expect(order.state.name == (start == .paid ? .paid : state.name) && order.newEvents.isEmpty)
    }

    @Test(arguments: [(DeadlinePolicy.reserve, 1_800), (.grace, 1_860)])
    func `an open attempt is closed at its provider deadline, not before`(policy: DeadlinePolicy, deadline: Int) throws
    {
        var early = order(.open, policy: policy)
        #expect(try early.beginExpiry(by: worker, rules: rules(policy), at: at(deadline) - millisecond) == .nothing)
        var due = order(.open, policy: policy)
        #expect(try due.beginExpiry(by: worker, rules: rules(policy), at: at(deadline)) == .close(right(4), first))
    }

    @Test func `an order whose attempts are over stays new until its deadline`() throws {
        var order = order(.failed)
        #expect(try order.beginExpiry(by: worker, rules: rules(), at: at(1_800) - millisecond) == .nothing)
        #expect(try order.beginExpiry(by: worker, rules: rules(), at: at(1_800)) == .expired)
    }

    @Test(arguments: [false, true]) func `no order expires under a lease`(unanswered: Bool) throws {
        for start in [Start.open, .lapsed] {
            var order = order(start)
            order.lease = lease(until: at(1_900), unanswered: unanswered)
            let before = order
            #expect(try order.beginExpiry(by: successor, rules: rules(), at: at(1_900) - millisecond) == .nothing)
            #expect(order == before)
            #expect(try order.beginExpiry(by: successor, rules: rules(), at: at(1_900)) != .nothing)
        }
    }

    @Test func `one attempt that may hold money keeps the order new`() throws {
        for start in Start.allCases where start != .paid {
            var order = PayCoreTests.order(
                [attempt(first, .lapsed), attempt(second, start.state, askAt: at(5_000))], fence: 3)
            let step = try order.beginExpiry(by: worker, rules: rules(), at: at(4_000))
            #expect((step == .expired) == (start == .lapsed))
        }
    }
}
