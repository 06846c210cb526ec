import CPQ
import Dispatch
import LedgerSQL
import PayFlow
import StoreTestSupport
import Synchronization
import Testing

@testable import PostgresStore

/// A connection that answers every question about versions by hand.
private final class ProofServer: Sendable {
    struct Broken: Error {}

    private struct State {
        var asked: [[String]] = []
        var connections = 0
        var failures = 0
    }

    private let state = Mutex(State())
    private let hold = DispatchSemaphore(value: 0)
    private let holds: Bool

    /// - Parameter holds: each statement waits for ``release()``.
    init(holds: Bool = false) {
        self.holds = holds
    }

    var asked: [[String]] { state.withLock { $0.asked } }
    var connections: Int { state.withLock { $0.connections } }

    /// The next statements fail.
    func fail(_ count: Int) { state.withLock { $0.failures = count } }

    func release() { hold.signal() }

    func lane() -> ProofLane {
        ProofLane(statementsPerSecond: 2_000, waits: LaneWaits(sleep: { _ in })) { _ in
            self.state.withLock { $0.connections += 1 }
            return Connection(self)
        }
    }

    fileprivate func answer(_ query: Query) throws {
        guard case .texts(let numbers) = query.parameters.first else { throw Broken() }
        state.withLock { $0.asked.append(numbers.compactMap(\.self)) }
        if holds { hold.wait() }
        try state.withLock { state in
            guard state.failures > 0 else { return }
            state.failures -= 1
            throw Broken()
        }
    }

    final class Connection: LaneConnection {
        private let server: ProofServer
        let changes = 0

        init(_ server: ProofServer) { self.server = server }

        func prepared(_ sql: String) throws -> any PreparedStatement { throw Broken() }

        func pipeline(_ queries: [Query]) throws -> [Rows] {
            for query in queries { try server.answer(query) }
            return [Rows.none]
        }

        func commit(_ queries: [Query]) throws -> [Rows] { throw Broken() }
        func rollback() throws {}
        func close() {}
    }
}

extension Rows {
    /// A result without rows.
    fileprivate static var none: Rows { Rows(PQmakeEmptyPGresult(nil, PGRES_TUPLES_OK)!, tag: "SELECT 0", affected: 0) }
}

/// The answers that a lane has told.
private final class Told: Sendable {
    private let proofs = Mutex<[PageProof]>([])
    private let arrival = DispatchSemaphore(value: 0)

    func ask(_ lane: ProofLane, _ number: String, _ version: Int64 = 1) {
        lane.ask(
            ProofQuestion(number: number, version: version) { proof in
                self.proofs.withLock { $0.append(proof) }
                self.arrival.signal()
            })
    }

    /// All answers, as soon as there are so many.
    func proofs(_ count: Int) async -> [PageProof] {
        await withCheckedContinuation { done in
            DispatchQueue.global().async {
                for _ in 0..<count { self.arrival.wait() }
                done.resume(returning: self.proofs.withLock { $0 })
            }
        }
    }
}

/// The lane that asks for proofs, without a server.
@Suite(.timeLimit(.minutes(1))) struct ProofLaneTests {
    @Test func `questions that wait are asked in one statement`() async {
        let server = ProofServer(holds: true)
        let (lane, told) = (server.lane(), Told())
        told.ask(lane, "order_1")
        while server.asked.isEmpty { await Task.yield() }
        for index in 2...5 { told.ask(lane, "order_\(index)") }
        server.release()
        server.release()
        #expect(await told.proofs(5) == Array(repeating: .other, count: 5))
        #expect(server.asked == [["order_1"], ["order_2", "order_3", "order_4", "order_5"]])
    }

    @Test func `a question is never answered by a statement that began before it`() async {
        let server = ProofServer(holds: true)
        let (lane, told) = (server.lane(), Told())
        told.ask(lane, "order_1")
        while server.asked.isEmpty { await Task.yield() }
        told.ask(lane, "order_1")
        server.release()
        server.release()
        _ = await told.proofs(2)
        #expect(server.asked == [["order_1"], ["order_1"]])
    }

    @Test func `a statement has a limited number of questions`() async {
        let server = ProofServer(holds: true)
        let (lane, told) = (server.lane(), Told())
        told.ask(lane, "order_0")
        while server.asked.isEmpty { await Task.yield() }
        for index in 1...(ProofLane.questionsPerStatement + 1) { told.ask(lane, "order_\(index)") }
        for _ in 0..<3 { server.release() }
        _ = await told.proofs(ProofLane.questionsPerStatement + 2)
        #expect(server.asked.map(\.count) == [1, ProofLane.questionsPerStatement, 1])
    }

    @Test func `a lost connection is made anew once, and the question asked again`() async {
        let server = ProofServer()
        let (lane, told) = (server.lane(), Told())
        told.ask(lane, "order_1")
        #expect(await told.proofs(1) == [.other])
        server.fail(1)
        told.ask(lane, "order_1")
        #expect(await told.proofs(1) == [.other, .other])
        #expect(server.connections == 2)
    }

    @Test func `a server that can't be asked proves nothing`() async {
        let server = ProofServer()
        let (lane, told) = (server.lane(), Told())
        server.fail(1)
        told.ask(lane, "order_1")
        #expect(await told.proofs(1) == [.unknown])
        told.ask(lane, "order_1")
        #expect(await told.proofs(1) == [.unknown, .other])
    }

    @Test func `a closed lane answers what waits, and nothing else`() async {
        let server = ProofServer()
        let (lane, told) = (server.lane(), Told())
        told.ask(lane, "order_1")
        lane.close()
        told.ask(lane, "order_2")
        #expect(await told.proofs(2).sorted { "\($0)" < "\($1)" } == [.other, .unknown])
        #expect(server.asked == [["order_1"]])
    }
}
