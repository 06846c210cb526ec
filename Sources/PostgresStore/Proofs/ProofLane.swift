import Dispatch
import PayFlow
import Synchronization

/// A question whether an order still has the version that a page was read with.
struct ProofQuestion: Sendable {
    let number: String
    let version: Int64
    /// Called once.
    let tell: @Sendable (PageProof) -> Void
}

/// Reads the versions of orders on the primary. All questions that wait are asked in one statement, which begins after
/// each of them arrived.
final class ProofLane: Sendable {
    /// More questions at once would be told no sooner.
    static let questionsPerStatement = 256
    /// The most questions that wait: more than the requests that a process has in memory.
    static let mostWaiting = 65_536

    private let waits: LaneWaits
    private let queue = DispatchQueue(label: "paypage.proofs", qos: .userInitiated)
    private let state = Mutex(State())
    private let reader: Reader
    /// The pace of the statements. Without it, each of many processes with little to ask would ask without a pause.
    private let pace: Mutex<Pace>

    private struct State {
        var waiting: [ProofQuestion] = []
        var isAtWork = false
        var isClosed = false
    }

    /// Ten processes at this pace take less than one core of the primary.
    static let usualStatementsPerSecond = 2_000
    /// The statements that may be ahead of the pace, so that a few questions are asked at once.
    private static let mostAhead = 10
    /// The longest wait for a proof. Behind it, the routes read the page.
    private static let limit = Duration.seconds(1)

    /// - Parameters:
    ///   - statementsPerSecond: the most statements in a second.
    ///   - connect: makes a connection, whose answers are believed. Blocks.
    init(
        statementsPerSecond: Int = usualStatementsPerSecond, waits: LaneWaits = LaneWaits(),
        connect: @escaping @Sendable (SessionSettings) throws -> any LaneConnection
    ) {
        let interval = Duration.seconds(1) / max(1, statementsPerSecond)
        pace = Mutex(Pace(interval: interval, lead: interval * Self.mostAhead))
        self.waits = waits
        reader = Reader { try connect(SessionSettings(answerLimit: Self.limit, statementTimeout: Self.limit)) }
    }

    /// Never waits. After ``close()``, and while too many questions wait, the proof is unknown.
    func ask(_ question: ProofQuestion) {
        enum Arrival { case start, wait, refuse }
        let arrival: Arrival = state.withLock { state in
            guard !state.isClosed, state.waiting.count < Self.mostWaiting else { return .refuse }
            state.waiting.append(question)
            guard !state.isAtWork else { return .wait }
            state.isAtWork = true
            return .start
        }
        switch arrival {
        case .start: queue.async { self.work() }
        case .wait: break
        case .refuse: question.tell(.unknown)
        }
    }

    /// Answers what waits, and closes the connection. Blocks.
    func close() {
        state.withLock { $0.isClosed = true }
        queue.sync { reader.close() }
    }

    private func work() {
        while let questions = take() {
            pace.withLock { $0.begin(at: waits.now()) }
            reader.answer(questions)
            // Behind the answers: a question that comes after a pause is asked at once.
            waits.sleep(pace.withLock { $0.pause(at: waits.now()) })
        }
    }

    /// Nil when nothing waits: the lane rests until the next question.
    private func take() -> [ProofQuestion]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isAtWork = false
                return nil
            }
            guard state.waiting.count > Self.questionsPerStatement else {
                defer { state.waiting = [] }
                return state.waiting
            }
            defer { state.waiting.removeFirst(Self.questionsPerStatement) }
            return Array(state.waiting.prefix(Self.questionsPerStatement))
        }
    }
}

extension ProofLane {
    /// Used on the lane's queue alone.
    private final class Reader: @unchecked Sendable {
        private let connect: @Sendable () throws -> any LaneConnection
        private var connection: (any LaneConnection)?

        init(_ connect: @escaping @Sendable () throws -> any LaneConnection) { self.connect = connect }

        func close() {
            connection?.close()
            connection = nil
        }

        func answer(_ questions: [ProofQuestion]) {
            guard let versions = versions(of: questions.map(\.number)) else {
                for question in questions { question.tell(.unknown) }
                return
            }
            for question in questions {
                question.tell(versions[question.number] == question.version ? .same : .other)
            }
        }

        /// Nil if the server can't be asked. A connection that was lost since the last statement is made anew once.
        private func versions(of numbers: [String]) -> [String: Int64]? {
            let isNew = connection == nil
            if let versions = try? ask(numbers) { return versions }
            close()
            guard !isNew else { return nil }
            if let versions = try? ask(numbers) { return versions }
            close()
            return nil
        }

        private func ask(_ numbers: [String]) throws -> [String: Int64] {
            let connection = try self.connection ?? connect()
            self.connection = connection
            return try OrderVersions.read(of: numbers, connection)
        }
    }
}
