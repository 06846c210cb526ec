import Synchronization

/// The error of a wait that took too long.
struct TookTooLong: Error, CustomStringConvertible {
    let description: String

    init(_ what: String, within limit: Duration) {
        description = "\(what): not within \(limit)"
    }
}

/// A value that threads change and tests wait for.
final class Watched<Value: Sendable>: Sendable {
    private struct State {
        var value: Value
        var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
        var lastWatcher = 0
    }

    private let state: Mutex<State>

    init(_ value: Value) {
        state = Mutex(State(value: value))
    }

    var now: Value { state.withLock { $0.value } }

    func update(_ change: (inout Value) -> Void) {
        let watchers = state.withLock { state in
            change(&state.value)
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.yield() }
    }

    /// Waits until `find` accepts the value.
    func first<Found: Sendable>(
        _ what: String, within limit: Duration, _ find: @escaping @Sendable (Value) -> Found?
    ) async throws -> Found {
        try await within(limit, what) { [self] in
            let (changes, number) = watch()
            defer { leave(number) }
            for await _ in changes {
                if let found = find(now) { return found }
            }
            throw CancellationError()
        }
    }

    private func watch() -> (AsyncStream<Void>, Int) {
        let (changes, watcher) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let number = state.withLock { state in
            state.lastWatcher += 1
            state.watchers[state.lastWatcher] = watcher
            return state.lastWatcher
        }
        // A value that is there already counts too.
        watcher.yield()
        return (changes, number)
    }

    private func leave(_ number: Int) {
        state.withLock { state in _ = state.watchers.removeValue(forKey: number) }
    }
}

/// Runs a task with a time limit.
func within<Value: Sendable>(
    _ limit: Duration, _ what: String, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw TookTooLong(what, within: limit)
        }
        guard let first = try await group.next() else { throw CancellationError() }
        return first
    }
}

/// Polls until there is an acceptable answer. For events of another process that sends no signal.
@discardableResult
func poll<Found: Sendable>(
    _ what: String, within limit: Duration = .seconds(30), every pause: Duration = .milliseconds(20),
    _ ask: @escaping @Sendable () async throws -> Found?
) async throws -> Found {
    try await within(limit, what) {
        while true {
            if let found = try await ask() { return found }
            try await Task.sleep(for: pause)
        }
    }
}
