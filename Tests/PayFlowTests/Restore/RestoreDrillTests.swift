import PayCore
import PayFlow
import PayTestSupport
import StoreTestSupport
import Testing

/// A copy of the database is made under load. The service works on, and then its host is lost. The copy goes live.
@Suite struct `An old copy of the database goes live` {
    private static let author = Actor(PersonName("operator")!, by: .cli, from: nil)

    @Test(arguments: 1...6) func `no number is used twice, no payment is lost, and nothing is refunded twice`(
        seed: UInt64
    ) async throws {
        try await withTestDatabase(.sqlite) { database in
            // Given a service under load, a copy in the middle of it, and more work than the copy has.
            var drill = RestoreDrill(seed: seed)
            let lost = drill.service("lost", try await database.open())
            for _ in 0..<40 { try await drill.work(lost, lostNotices: true) }
            let copy = try database.backUp()
            let known = (orders: drill.orders.count, refunds: drill.asked.count)
            for _ in 0..<60 { try await drill.work(lost, lostNotices: true) }

            // When the copy goes live.
            let store = try await database.restore(copy, by: Self.author, at: drill.clock.now())
            let service = drill.service("restored", store)
            try await service.runJobs(at: drill.clock.now())
            try await drill.repeatCalls(since: known, service)
            for _ in 0..<40 { try await drill.work(service, lostNotices: false) }
            for _ in 0..<250 { try await drill.rest(service) }

            // Then
            for provider in drill.providers { #expect(provider.books.mistakes == []) }
            #expect(try await store.ordersToSearch(after: nil, limit: 10) == [])
            for number in drill.orders { try await check(number, drill, store) }
            #expect(drill.asked.count > known.refunds && drill.orders.count > known.orders, "the drill tests nothing")
        }
    }

    private func check(_ number: OrderNumber, _ drill: RestoreDrill, _ store: any Store) async throws {
        // The shop knows that an order of the lost time was paid, and does not send it again.
        guard let order = try await store.order(number) else {
            return #expect(drill.isPaid(number), "\(number) is lost, and nobody paid it")
        }
        let paid = Set(drill.paidTrades(of: number))
        #expect(Set(order.receipts.map(\.receipt.tradeNumber)) == paid, "payments of \(number)")
        for provider in drill.providers {
            for trade in paid {
                guard let book = provider.books.trades[trade], let paidAt = book.paidAt else { continue }
                if paidAt < order.deadline { #expect(order.state.name == .paid, "\(trade) was paid in time") }
            }
            let refunds = provider.books.refunds.values.filter { $0.trade.order == number }
            if case .paid(let honest, _) = order.state {
                #expect(!refunds.contains { $0.number == "\(honest)_r1" }, "\(honest) pays, and went back")
            }
            // The merchant's refunds never exceed what the merchant asked for.
            let merchants = refunds.filter { $0.number.contains("_m") }.reduce(0) { $0 + $1.money.amount }
            let asked = Set(drill.asked.filter { $0.order == number }).reduce(0) { $0 + $1.amount }
            #expect(merchants <= asked, "\(number): \(merchants) went back, \(asked) was asked for")
        }
    }

    @Test func `a payment of an order that appears later is found by the notice that came before`() async throws {
        try await withTestDatabase(.sqlite) { database in
            let drill = RestoreDrill(seed: 1)
            let (lost, copy) = (drill.service("lost", try await database.open()), try database.backUp())
            let provider = drill.providers[0]
            _ = try await lost.pay(firstPay(at: drill.clock.now()))
            let service = drill.service(
                "restored", try await database.restore(copy, by: Self.author, at: drill.clock.now()))

            // The notice comes for an order that the copy does not have.
            let notice = try #require(provider.buyerPays(first))
            #expect(await service.settle(notice, from: sandbox)?.status == 200)
            #expect(try await service.store.order(number) == nil)

            // The shop sends the order again.
            drill.clock.advance(by: .seconds(1))
            _ = try await service.pay(firstPay(at: drill.clock.now()))
            try await service.runJobs(at: drill.clock.now())
            let order = try #require(try await service.store.order(number))
            #expect(order.state.name == .paid && order.receipts.map(\.receipt.tradeNumber) == [first])
            #expect(order.attempts.map(\.number.sequence) == [1, 21] && provider.books.mistakes == [])
        }
    }

    @Test func `a payment that only the lost host knew is found when the shop sends the order again`() async throws {
        try await withTestDatabase(.sqlite) { database in
            let drill = RestoreDrill(seed: 1)
            let (lost, copy) = (drill.service("lost", try await database.open()), try database.backUp())
            let provider = drill.providers[0]
            _ = try await lost.pay(firstPay(at: drill.clock.now()))
            let notice = try #require(provider.buyerPays(first))
            #expect(await lost.settle(notice, from: sandbox)?.status == 200)
            let service = drill.service(
                "restored", try await database.restore(copy, by: Self.author, at: drill.clock.now()))

            drill.clock.advance(by: .seconds(3_600))
            _ = try await service.pay(firstPay(at: drill.clock.now()))
            try await service.runJobs(at: drill.clock.now())
            let order = try #require(try await service.store.order(number))
            #expect(order.state.name == .paid && order.receipts.map(\.receipt.tradeNumber) == [first])
            #expect(order.attempts.map(\.number.sequence) == [1, 21] && provider.books.mistakes == [])
        }
    }

    private func switchToWeChat(_ number: OrderNumber, _ service: RestoreDrill.Service) async throws {
        let request = PayRequest(
            number: number, userID: nil, draft: nil, channel: wechat, terminal: .pc, openID: nil, clientIP: nil,
            fresh: false, key: nil)
        _ = try await service.pay(request)
    }

    @Test func `a provider that does not answer keeps no payment of another one, and no other order, waiting`()
        async throws
    {
        try await withTestDatabase(.sqlite) { database in
            let drill = RestoreDrill(seed: 1)
            let (silent, other) = (drill.providers[0], drill.providers[1])
            let lost = drill.service("lost", try await database.open())
            let numbers = [orderNumber("order_1"), orderNumber("order_2")]
            for number in numbers { _ = try await lost.pay(firstPay(number, sandbox, at: drill.clock.now())) }
            let copy = try database.backUp()
            for number in numbers {
                try await switchToWeChat(number, lost)
                _ = other.buyerPays(TradeNumber(order: number, sequence: 2))
            }
            silent.answerQueries(false)
            let now = drill.clock.now()
            let service = drill.service("restored", try await database.restore(copy, by: Self.author, at: now))
            let search = FindLostTrades(service.flows, marks: service.store)

            // Each run has one order.
            for number in numbers {
                #expect(try await search.runOnce(at: now, limit: 1)[.waiting] == 1)
                #expect(try await service.store.order(number)?.state.name == .paid)
            }
            #expect(try await service.store.ordersToSearch(after: nil, limit: 10) == numbers)

            // The list is over. The next round waits, so that the other provider isn't queried all the time.
            silent.answerQueries(true)
            for second in [0, 5, 59] {
                #expect(try await search.runOnce(at: now + .seconds(second), limit: 10).isEmpty)
            }
            #expect(try await search.runOnce(at: now + .seconds(60), limit: 10)[.nothing] == 2)
            #expect(try await service.store.ordersToSearch(after: nil, limit: 10) == [])
        }
    }

    @Test func `a number that one provider did not answer about is asked again`() async throws {
        try await withTestDatabase(.sqlite) { database in
            let drill = RestoreDrill(seed: 1)
            let (lost, copy) = (drill.service("lost", try await database.open()), try database.backUp())
            _ = try await lost.pay(firstPay(at: drill.clock.now()))
            try await switchToWeChat(number, lost)
            drill.providers[0].answerQueries(false)
            let now = drill.clock.now()
            let service = drill.service("restored", try await database.restore(copy, by: Self.author, at: now))
            _ = try await service.pay(firstPay(at: now))
            let search = FindLostTrades(service.flows, marks: service.store)
            #expect(try await search.runOnce(at: now)[.waiting] == 1)
            // The second one is found at the provider that answers.
            #expect(try await service.store.order(number)?.attempts.map(\.number.sequence) == [2, 21])

            drill.providers[0].answerQueries(true)
            #expect(try await search.runOnce(at: now + .seconds(60))[.found] == 1)
        }
    }

    @Test func `a second restore from the same copy uses other numbers than the first one`() async throws {
        try await withTestDatabase(.sqlite) { database in
            let drill = RestoreDrill(seed: 1)
            _ = try await database.open()
            let copy = try database.backUp()
            let now = drill.clock.now()
            let one = try await database.restore(copy, by: Self.author, at: now)
            #expect(try await one.restores().map(\.number) == [1])
            try await one.close()
            try database.removeRestored()
            let two = try await database.restore(copy, by: Self.author, at: now)
            #expect(try await two.restores().map(\.number) == [2])
        }
    }
}
