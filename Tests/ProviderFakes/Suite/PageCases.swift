import PayCore
import PayFlow
import PayTestSupport
import Testing

/// Creating pages, and creating them again.
extension ProviderSuite {
    static func pageCases(for traits: ProviderTraits) -> [Case] {
        let common = [
            Case("each terminal in the terms gets a payable page", eachTerminal),
            Case("a terminal that is not in the terms is refused without a call", otherTerminals),
            Case("a repeated page belongs to the same trade", again),
            Case("a known number with other parameters takes the old amount or none", changed),
        ]
        let calling = [
            Case("concurrent creates of one number make one trade", atOnce),
            Case("a repeated lost create makes one trade", lostCreate),
        ]
        return traits.createCalls ? common + calling : common
    }

    @Sendable private static func eachTerminal(_ bench: ProviderBench) async throws {
        let terminals = Terminal.allCases.filter { bench.provider.terms.trades[$0] != nil }
        try #require(terminals.contains(bench.traits.terminal))
        for (order, terminal) in terminals.enumerated() {
            let trade = try await bench.make(bench.request(order: order, for: terminal))
            #expect(trade.page.serves.contains(terminal), "\(terminal)")
            let served = try #require(bench.provider.terms.trades[terminal]?.serves)
            #expect(trade.page.serves.isSubset(of: served), "\(terminal)")
            #expect(!trade.page.content.isEmpty, "\(terminal)")
            try await bench.fake.open(trade.page, terminal: terminal)
            let transaction = try await bench.fake.pay(trade.number)
            guard case .paid(let receipt) = await bench.provider.query(trade.reference) else {
                Issue.record("\(terminal): paid, but the query does not report it")
                continue
            }
            #expect(receipt.transactionID.text == transaction, "\(terminal)")
            #expect(receipt.amount == bench.minorUnits, "\(terminal)")
        }
    }

    @Sendable private static func otherTerminals(_ bench: ProviderBench) async throws {
        for terminal in Terminal.allCases where bench.provider.terms.trades[terminal] == nil {
            guard case .refused = await bench.provider.create(bench.request(for: terminal)) else {
                Issue.record("\(terminal) was not refused")
                continue
            }
        }
        #expect(bench.fake.calls(.create) == 0)
    }

    /// The clock moves between the two requests, which must not depend on it.
    @Sendable private static func again(_ bench: ProviderBench) async throws {
        let trade = try await bench.open()
        guard bench.provider.terms.trades[bench.traits.terminal]?.numberMayBeAskedAgain == true else { return }
        bench.clock.advance(by: .seconds(120))
        let second = try await bench.make(trade.request)
        try await bench.fake.open(second.page, terminal: second.request.terminal)
        #expect(second.page.reference == trade.page.reference)
        #expect(second.page.kind == trade.page.kind)
        #expect(await bench.fake.trades.map(\.number) == [trade.number])
        _ = try await bench.fake.pay(trade.number)
        guard case .paid = await bench.provider.query(second.reference) else {
            throw FakeProblem("the second page's trade is not the paid one")
        }
    }

    @Sendable private static func changed(_ bench: ProviderBench) async throws {
        let trade = try await bench.open()
        let other = bench.request(amount: bench.minorUnits + 1)
        let answer = await bench.provider.create(other)
        if bench.traits.createCalls {
            switch answer {
            case .refused where bench.traits.refusesChanges: break
            case .unknown(let doubt) where !doubt.isUnanswered && !bench.traits.refusesChanges: break
            case .made, .refused, .notSent, .unknown, .alreadyPaid, .alreadyClosed:
                throw FakeProblem("a create with changed parameters was answered: \(answer)")
            }
        } else if case .made(let page) = answer {
            await #expect(throws: (any Error).self) {
                try await bench.fake.open(page, terminal: bench.traits.terminal)
            }
        }
        #expect(await bench.fake.trades.map(\.amount) == [bench.minorUnits])
        #expect(await bench.provider.query(trade.reference) == .unpaid)
    }

    @Sendable private static func atOnce(_ bench: ProviderBench) async throws {
        guard bench.provider.terms.trades[bench.traits.terminal]?.numberMayBeAskedAgain == true else { return }
        let request = bench.request()
        let answers = await withTaskGroup(of: CreateAnswer.self) { group in
            for _ in 1...8 { group.addTask { await bench.provider.create(request) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var pages: [ProviderPage] = []
        for answer in answers {
            switch answer {
            case .made(let page): pages.append(page)
            case .unknown(let doubt) where !doubt.isUnanswered: break
            case .notSent: break
            case .refused, .unknown, .alreadyPaid, .alreadyClosed: Issue.record("\(answer)")
            }
        }
        #expect(!pages.isEmpty)
        #expect(Set(pages.map(\.reference)).count == 1)
        if bench.traits.tradeBeginsWithPage {
            #expect(await bench.fake.trades.map(\.number) == [request.tradeNumber.text])
        }
    }

    @Sendable private static func lostCreate(_ bench: ProviderBench) async throws {
        guard bench.provider.terms.trades[bench.traits.terminal]?.numberMayBeAskedAgain == true,
            bench.traits.outcome(of: .init(.create, .lost)) != nil
        else { return }
        let request = bench.request()
        bench.fake.arm(.lost, on: .create)
        #expect(await bench.hastyProvider.create(request) == .unknown(.unanswered))
        let trade = try await bench.make(request)
        try await bench.fake.open(trade.page, terminal: request.terminal)
        #expect(await bench.fake.trades.map(\.number) == [trade.number])
        #expect(await bench.provider.query(trade.reference) == .unpaid)
    }
}
