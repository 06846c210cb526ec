import Testing

@testable import PayCore

@Suite struct `A lease` {
    @Test func `a lease outlives the longest provider call`() {
        #expect(rules().leaseLength > rules().providerTimeout)
    }

    @Test func `a lease holds before its end, but not at it`() {
        let order = order([], fence: 1, lease: lease())
        #expect(order.isLeased(at: at(10) - millisecond))
        #expect(!order.isLeased(at: at(10)))
    }

    @Test func `a takeover of a lease invalidates the old right`() throws {
        // Given
        var order = draft()
        _ = try order.beginOpening(call(), at: at(0))
        let stored = order.attempts[0]

        // When
        let step = try order.beginOpening(call(by: successor), at: at(10))
        let taken = order

        // Then
        #expect(step == .create(right(2), stored.storedCreate, wasStale: false))
        #expect(try order.finishOpening(report(made(), of: stored), under: right(1), at: at(11)) == .fenced)
        let renewed = order.renewLease(right(1), rules: rules(), at: at(11))
        #expect(renewed == nil)
        order.giveBackLease(right(1), unanswered: false)
        #expect(order == taken)
        guard case .serve = try order.finishOpening(report(made(), of: stored), under: right(2), at: at(12)) else {
            Issue.record("the newer right was not honoured")
            return
        }
    }

    @Test func `an expired lease stays valid until another worker takes it over`() throws {
        var order = draft()
        _ = try order.beginOpening(call(), at: at(0))
        guard case .serve = try order.finishOpening(report(made(), of: order.attempts[0]), under: right(1), at: at(60))
        else {
            Issue.record("an answer that came late was thrown away")
            return
        }
    }

    @Test(arguments: [firstTry, beingClosed])
    func `a renewed lease postpones recovery`(state: AttemptState) {
        var order = order([attempt(first, state)], fence: 3, lease: lease())
        let renewed = order.renewLease(right(3), rules: rules(), at: at(9))
        #expect(renewed == right(3) && renewed?.endsAt == at(19))
        #expect(order.lease?.endsAt == at(19))
        #expect(order.attempts[0].state.recoverAt == at(19))
    }

    @Test func `a lease of another order is no right to this one`() throws {
        let foreign = LeaseRight(order: try #require(OrderNumber("another_one")), fence: Fence(3), endsAt: at(10))
        var order = order([attempt(first, firstTry)], fence: 3, lease: lease())
        let renewed = order.renewLease(foreign, rules: rules(), at: at(9))
        #expect(renewed == nil)
        #expect(try order.finishOpening(report(made(), of: order.attempts[0]), under: foreign, at: at(9)) == .fenced)
    }

    @Test func `every takeover of a lease raises the fence`() throws {
        var order = draft()
        var fences: [Fence] = []
        for second in stride(from: 0, through: 40, by: 10) {
            _ = try order.beginOpening(call(), at: at(second))
            fences.append(order.fence)
        }
        #expect(fences == fences.sorted() && Set(fences).count == 5)
    }
}
