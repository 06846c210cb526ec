import Testing

@testable import PayCore

@Suite struct `A stored page` {
    @Test(arguments: [
        // The provider's usable time, the policy, and the end of a page created at second 100.
        (Duration?.none, DeadlinePolicy.reserve, 1_800), (nil, .grace, 1_800), (.seconds(7_200), .reserve, 1_800),
        (.seconds(270), .reserve, 370), (.seconds(270), .grace, 370),
    ]) func `a page lives until its trade or order ends, or until the provider's limit`(
        usableFor: Duration?, policy: DeadlinePolicy, end: Int
    ) throws {
        var order = draft()
        _ = try order.beginOpening(call(rules: rules(policy)), at: at(99))
        let answer = report(made(usableFor: usableFor), of: order.attempts[0], rules: rules(policy))
        let finished = try order.finishOpening(answer, under: right(1), at: at(100))
        guard case .serve(let served) = finished else {
            Issue.record("\(finished)")
            return
        }
        #expect(served.page.expiresAt == at(end))
        #expect(served.page.mintedAt == at(100))
        #expect(order.lease == nil)
    }

    @Test func `a page lives no longer than a clamped trade`() throws {
        var order = draft()
        _ = try order.beginOpening(call(terms: terms(longestLife: .seconds(600))), at: at(0))
        _ = try order.finishOpening(report(made(), of: order.attempts[0]), under: right(1), at: at(1))
        #expect(order.attempts[0].pages.map(\.expiresAt) == [at(600)])
    }

    @Test func `a page that is expired on arrival is stored, and not served`() throws {
        var order = draft()
        _ = try order.beginOpening(call(rules: rules(.grace)), at: at(1_799))
        let finished = try order.finishOpening(
            report(made(), of: order.attempts[0], rules: rules(.grace)), under: right(1), at: at(1_800))
        #expect(finished == .refuse(.tooLate))
        #expect(order.attempts[0].state == .open && order.lease == nil)
    }

    @Test func `a new page replaces the page of the same terminal and payer`() throws {
        // Given
        var order = order([attempt(first, .open, pages: [page(.pc), page(.app, serves: [])])], fence: 2)
        _ = try order.beginOpening(call(fresh: true), at: at(5))

        // When
        _ = try order.finishOpening(report(made(), of: order.attempts[0]), under: right(3), at: at(6))

        // Then
        #expect(order.attempts[0].pages.map(\.terminal) == [.app, .pc])
        #expect(order.attempts[0].pages[0] == page(.app, serves: []))
        #expect(order.attempts[0].pages[1].mintedAt == at(6))
    }

    @Test func `a page for another terminal is kept, and the caller's page is requested next`() throws {
        // Given
        var order = order([attempt(first, firstTry, terminal: .pc)], fence: 1)
        let wish = call(sandbox, .app)
        let step = try order.beginOpening(wish, at: at(5))
        guard case .create(right(2), let request, wasStale: false) = step else {
            Issue.record("\(step)")
            return
        }
        #expect(request.terminal == .pc)

        // When
        let report = CreateReport(request: request, answer: made(), wish: wish.wish, rules: rules())
        #expect(try order.finishOpening(report, under: right(2), at: at(6)) == .beginAgain)
        let next = try order.beginOpening(wish, holding: right(2), at: at(6))

        // Then
        guard case .create(right(2), let second, wasStale: false) = next else {
            Issue.record("\(next)")
            return
        }
        #expect(second.terminal == .app && second.tradeNumber == first && second.stored == request.stored)
    }

    @Test func `the end of a session that the provider set is stored`() throws {
        var order = draft()
        _ = try order.beginOpening(call(), at: at(0))
        let answer = CreateAnswer.made(
            ProviderPage(
                kind: .redirect, content: "https://pay.example/s", serves: [.pc], usableFor: nil,
                sessionEndsAt: at(3_600)))
        _ = try order.finishOpening(report(answer, of: order.attempts[0]), under: right(1), at: at(1))
        #expect(order.attempts[0].sessionEndsAt == at(3_600))
        #expect(order.attempts[0].pages.map(\.expiresAt) == [at(1_800)])
    }

    @Test func `the provider's first reference for a trade goes with every later request`() throws {
        func made(_ reference: String?) -> CreateAnswer {
            .made(
                ProviderPage(
                    kind: .redirect, content: "https://pay.example/s", serves: [.pc], usableFor: nil,
                    reference: reference.flatMap(ProviderReference.init)))
        }
        var order = draft()
        _ = try order.beginOpening(call(), at: at(0))
        #expect(order.attempts[0].storedCreate.reference == nil)
        _ = try order.finishOpening(report(made("cs_1"), of: order.attempts[0]), under: right(1), at: at(1))
        guard case .create(let right, let again, _) = try order.beginOpening(call(fresh: true), at: at(2)) else {
            Issue.record("a live page was not made anew")
            return
        }
        #expect(again.reference == ProviderReference("cs_1") && again.createdAt == at(0))
        let served = try order.finishOpening(report(made("cs_2"), of: order.attempts[0]), under: right, at: at(3))
        #expect(served != .fenced && order.attempts[0].reference == ProviderReference("cs_1"))
    }
}
