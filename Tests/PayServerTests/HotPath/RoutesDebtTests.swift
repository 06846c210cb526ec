import Testing

@testable import PayServer

/// What a connection knows of the routes, in each of its states.
@Suite struct RoutesDebtTests {
    enum Event {
        case began, beganLast, ended, answered, fast, failed
    }

    /// A state by the events that lead to it; whether the fast lane may answer in it, whether the routes' answer is waited
    /// for, and whether it is idle when nothing comes.
    static let states: [(name: String, way: [Event], isSettled: Bool, isAnswering: Bool, isIdle: Bool)] = [
        ("nothing", [], true, false, true),
        ("half a request", [.began], false, false, true),
        ("a request", [.began, .ended], false, true, false),
        ("a request and half of the next", [.began, .ended, .began], false, false, true),
        ("two requests", [.began, .ended, .began, .ended], false, true, false),
        ("one of two answered", [.began, .ended, .began, .ended, .answered], false, true, false),
        ("both answered", [.began, .ended, .began, .ended, .answered, .answered], true, false, true),
        ("answered before its end", [.began, .answered, .ended], true, false, true),
        ("the last request", [.beganLast, .ended], false, true, false),
        ("the last request answered", [.beganLast, .ended, .answered], false, false, true),
        ("a hit", [.fast], true, false, false),
        ("no request", [.failed], false, false, true),
        ("no request, answered", [.failed, .answered], false, false, true),
    ]

    @Test func `each state`() {
        for state in Self.states {
            var debt = Self.debt(state.way)
            #expect(debt.isSettled == state.isSettled, "\(state.name)")
            #expect(debt.isAnswering == state.isAnswering, "\(state.name)")
            let isIdle = debt.isIdle(unsent: 0)
            #expect(isIdle == state.isIdle, "\(state.name)")
        }
    }

    @Test func `a hit counts once`() {
        var debt = Self.debt([.fast])
        let isIdle = [debt.isIdle(unsent: 0), debt.isIdle(unsent: 0)]
        #expect(isIdle == [false, true])
    }

    @Test func `who reads slowly is waited for as long as they read, and who reads nothing is not`() {
        for way in [[], [Event.began, .ended], [.fast]] {
            var debt = Self.debt(way)
            let isIdle = [9_000, 5_000, 5_000].map { debt.isIdle(unsent: $0) }
            #expect(isIdle == [false, false, true])
        }
    }

    @Test func `who was just answered is not idle, whatever waits for them`() {
        var debt = RoutesDebt()
        let isIdle = (0..<3).map { _ in
            debt.fastLaneAnswered()
            return debt.isIdle(unsent: 5_000)
        }
        #expect(isIdle == [false, false, false])
    }

    private static func debt(_ way: [Event]) -> RoutesDebt {
        var debt = RoutesDebt()
        for event in way {
            switch event {
            case .began: debt.began(keepsAlive: true)
            case .beganLast: debt.began(keepsAlive: false)
            case .ended: debt.ended()
            case .answered: debt.answered()
            case .fast: debt.fastLaneAnswered()
            case .failed: debt.failed()
            }
        }
        return debt
    }
}
