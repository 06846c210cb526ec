import Testing

@testable import PayCore

@Suite struct `An order without an attempt` {
    private func begun() -> Order {
        var order = draft()
        order.begin()
        return order
    }

    @Test func `an order begins with the first fence, and with no lease and no attempt`() {
        #expect(!draft().hasBegun)
        #expect(begun().hasBegun)
        #expect(begun() == order([], fence: 1))
    }

    @Test func `an order that has begun does not begin again`() {
        for before in [begun(), order([attempt(first, .open)], fence: 3)] {
            var order = before
            order.begin()
            #expect(order == before)
        }
    }

    @Test func `the buyer's choice opens the first attempt under the next fence`() throws {
        var order = begun()
        guard case .create(let right, let request, wasStale: false) = try order.beginOpening(call(), at: at(5)) else {
            Issue.record("no create")
            return
        }
        #expect(request.tradeNumber == first && right.fence == Fence(2))
    }

    @Test func `an order without an attempt expires at its deadline`() throws {
        var order = begun()
        #expect(try order.beginExpiry(by: worker, rules: rules(), at: at(1_800) - millisecond) == .nothing)
        #expect(try order.beginExpiry(by: worker, rules: rules(), at: at(1_800)) == .expired)
        #expect(order.newEvents.map(\.kind) == [.orderExpired])
    }

    @Test func `the merchant closes an order without an attempt at once`() throws {
        var order = begun()
        let step = try order.beginMerchantClose(
            by: worker, holding: nil, asked: [], rules: rules(), at: at(5))
        #expect(step == .done(isNews: true))
        #expect(order.state == .closed(at: at(5)))
    }
}
