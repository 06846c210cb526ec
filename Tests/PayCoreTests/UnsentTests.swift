import Testing

@testable import PayCore

/// A create that never left this machine: the provider can't know it.
@Suite struct `A create that was not sent` {
    private static let unavailable = FinishedOpening.refuse(.providerUnavailable(retryAfter: .seconds(1)))
    private static let unknown = FinishedOpening.refuse(.providerUnknown(retryAfter: .seconds(1)))

    /// A pay call whose create gets this answer.
    private func pay(
        _ order: inout Order, _ answer: CreateAnswer, terms: ProviderTerms = terms(), at second: Int
    ) throws -> FinishedOpening {
        guard case .create(let right, _, _) = try order.beginOpening(call(terms: terms), at: at(second)) else {
            throw NoCreate()
        }
        let attempt = try #require(order.liveAttempt)
        return try order.finishOpening(report(answer, of: attempt), under: right, at: at(second + 1))
    }

    private struct NoCreate: Error {}

    @Test func `a create that was not sent is reported as unavailable, however often it was not sent before`() throws {
        var order = draft()
        for second in [0, 20, 40] {
            #expect(try pay(&order, .notSent(reason: "no route"), at: second) == Self.unavailable)
            #expect(order.lease == nil && order.attempts.map(\.state.name) == [.creating])
        }
    }

    @Test func `a create that was not sent is reported as unknown if an earlier try may have arrived`() throws {
        var order = draft()
        _ = try pay(&order, .notSent(reason: "no route"), at: 0)
        #expect(try pay(&order, .unknown(.answered), at: 20) == Self.unknown)
        #expect(try pay(&order, .notSent(reason: "no route"), at: 40) == Self.unknown)
    }

    @Test func `a create that was not sent is reported as unknown after a crash during an earlier try`() throws {
        var order = draft()
        _ = try order.beginOpening(call(), at: at(0))
        #expect(try pay(&order, .notSent(reason: "no route"), at: 10) == Self.unknown)
    }

    @Test func `a create that was not sent is reported as unknown if the number was reported as paid before`() throws {
        var order = draft()
        #expect(try pay(&order, .alreadyPaid, at: 0) == .query(first))
        // The query was given up, and the lease with it.
        order.giveBackLease(right(1), unanswered: false)
        #expect(try pay(&order, .notSent(reason: "no route"), at: 20) == Self.unknown)
    }

    @Test func `the first sent try after an unsent create can be refused for good`() throws {
        var order = draft()
        _ = try pay(&order, .notSent(reason: "no route"), at: 0)
        #expect(try pay(&order, .refused(reason: "NO"), at: 20) == .refuse(.providerRefused))
        #expect(order.attempts.map(\.state) == [.failed])
    }

    @Test func `an unsent create uses up no attempt, even if its number can't be sent twice`() throws {
        let codes = terms(mayBeAskedAgain: false)
        var order = draft()
        for second in [0, 20] {
            #expect(try pay(&order, .notSent(reason: "no route"), terms: codes, at: second) == Self.unavailable)
        }
        guard case .serve = try pay(&order, made(), terms: codes, at: 40) else {
            Issue.record("the number was not used")
            return
        }
        #expect(order.attempts.map(\.number) == [first])
    }

    @Test func `lease recovery sends an unsent create, even if its number can't be sent twice`() throws {
        var order = draft()
        _ = try pay(&order, .notSent(reason: "no route"), terms: terms(mayBeAskedAgain: false), at: 0)
        let step = try order.beginRecovery(
            by: successor, terms: terms(mayBeAskedAgain: false), rules: rules(), at: at(20))
        guard case .create = step else {
            Issue.record("recovery did \(step)")
            return
        }
    }
}
