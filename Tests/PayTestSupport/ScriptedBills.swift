public import PayCore
public import PayFlow
import Synchronization

/// Bills by a test's script. A day without a script has no bill yet.
public final class ScriptedBills: BillSource {
    private enum Script: Sendable {
        case rows([BillRow], digest: String)
        case answer(BillAnswer)
        /// Hands over these rows, then throws.
        case breaks([BillRow])
    }

    public struct Broken: Error {
        public init() {}
    }

    private struct State {
        var scripts: [BillDay: Script] = [:]
        var fetches: [BillDay] = []
        var event: (@Sendable () async throws -> Void)?
    }

    private let state = Mutex(State())

    public init() {}

    /// The days that were fetched, in order.
    public var fetches: [BillDay] { state.withLock { $0.fetches } }

    public func set(_ day: BillDay, _ rows: [BillRow], digest: String? = nil) {
        state.withLock { $0.scripts[day] = .rows(rows, digest: digest ?? "digest of \(day)") }
    }

    public func answer(_ day: BillDay, _ answer: BillAnswer) {
        state.withLock { $0.scripts[day] = .answer(answer) }
    }

    public func breaks(_ day: BillDay, after rows: [BillRow]) {
        state.withLock { $0.scripts[day] = .breaks(rows) }
    }

    /// Runs `event` once in the middle of the next fetch, when all rows were handed over.
    public func during(_ event: @escaping @Sendable () async throws -> Void) {
        state.withLock { $0.event = event }
    }

    public func bill(
        of day: BillDay, _ take: @Sendable ([BillRow]) async throws -> Void
    ) async throws -> BillAnswer {
        let script = state.withLock { state in
            state.fetches.append(day)
            return state.scripts[day] ?? .answer(.notReady(reason: "NO_SCRIPT"))
        }
        switch script {
        case .answer(let answer):
            return answer
        case .breaks(let rows):
            try await take(rows)
            throw Broken()
        case .rows(let rows, let digest):
            try await take(rows)
            let event = state.withLock { state in
                defer { state.event = nil }
                return state.event
            }
            try await event?()
            return .bill(BillFile(digest: digest, rows: rows.count))
        }
    }
}
