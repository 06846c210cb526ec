import PayFlow
import Testing

@testable import PostgresStore

@Suite struct RecoveryTests {
    private static let states: [(String, working: Recovery, committing: Recovery)] = [
        ("40001", .again, .again), ("40P01", .again, .again), ("57014", .again, .again),
        ("55P03", .waitForLock, .waitForLock),
        ("23505", .find, .find),
        ("23514", .fail, .fail), ("23503", .fail, .fail), ("23502", .fail, .fail), ("P0001", .fail, .fail),
        ("42703", .fail, .fail), ("22P05", .fail, .fail), ("25P02", .fail, .fail),
        ("25006", .reconnect, .reconnect),
        ("57P01", .reconnect, .lookUp), ("57P02", .reconnect, .lookUp), ("57P03", .reconnect, .lookUp),
        ("08000", .reconnect, .lookUp), ("08003", .reconnect, .lookUp), ("08006", .reconnect, .lookUp),
        ("40003", .reconnect, .lookUp),
        ("PP001", .markAnew, .markAnew),
        ("53100", .unavailable(.full), .unavailable(.full)),
        ("53200", .unavailable(.overloaded), .unavailable(.overloaded)),
        ("53300", .unavailable(.overloaded), .unavailable(.overloaded)),
        ("58030", .unavailable(.inputOutput), .unavailable(.inputOutput)),
        ("XX001", .unavailable(.damaged), .unavailable(.damaged)),
        ("XX002", .unavailable(.damaged), .unavailable(.damaged)), ("XX000", .fail, .fail),
    ]

    @Test(arguments: states) func `an error of the server has one next step in each phase`(
        state: String, working: Recovery, committing: Recovery
    ) {
        let failure = PostgresFailure(sqlState: SQLState(state), message: "")
        #expect(Recovery(from: failure, in: .working) == working)
        #expect(Recovery(from: failure, in: .committing) == committing)
    }

    @Test(arguments: ["40001", "23505", "57P01", "XX000", "28P01"])
    func `an error that ends the connection leaves a commit unknown`(state: String) {
        let failure = PostgresFailure(sqlState: SQLState(state), message: "", isFatal: true)
        #expect(Recovery(from: failure, in: .working) == .reconnect)
        #expect(Recovery(from: failure, in: .committing) == .lookUp)
    }

    @Test(arguments: [
        ConnectionLost.timedOut, .closed(because: "reset"), .notConnected(because: "refused"),
    ])
    func `a lost connection leaves a commit unknown, and nothing else`(lost: ConnectionLost) {
        #expect(Recovery(from: lost, in: .working) == .reconnect)
        #expect(Recovery(from: lost, in: .committing) == .lookUp)
    }

    @Test func `a commit with a warning is looked up, and a rollback in its place is an error`() {
        #expect(Recovery(from: CommitFailure.warned(SQLState("01000")), in: .committing) == .lookUp)
        #expect(Recovery(from: CommitFailure.rolledBack, in: .committing) == .fail)
    }

    @Test func `the error of a decision is never repeated`() {
        struct Refused: Error {}
        for phase in TransactionPhase.allCases { #expect(Recovery(from: Refused(), in: phase) == .fail) }
    }
}
