public import PayCore
public import PayFlow
import Synchronization

/// A clock that stands still until a test moves it, and then wakes every task whose time has come.
public final class HandMovedClock: PayClock {
    private let state: Mutex<State>
    private let longestSkipped: Duration?

    /// Starts at 2026-11-22T10:00:00Z by default.
    ///
    /// - Parameter longestSkipped: sleeps up to this length end at once, although no time passes.
    public init(
        _ start: Instant = Instant(milliseconds: 1_795_341_600_000), skippingSleepsUpTo longestSkipped: Duration? = nil
    ) {
        state = Mutex(State(now: start))
        self.longestSkipped = longestSkipped
    }

    public func now() -> Instant {
        state.withLock { $0.now }
    }

    public func uptime() -> Duration {
        state.withLock { $0.uptime }
    }

    /// Sets the clock, as an operator or a time server does: no time passes, and no task wakes.
    public func set(by step: Duration) {
        state.withLock { $0.set(by: step) }
    }

    /// Returns when the clock has been moved by `duration`; at once if that is zero.
    public func sleep(for duration: Duration) async throws {
        if let longestSkipped, duration <= longestSkipped {
            try Task.checkCancellation()
            return await Task.yield()
        }
        let name = state.withLock { $0.nameTask() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waking in
                let actions = state.withLock { $0.lieDown(name, for: duration, waking: waking) }
                for action in actions { action.run() }
            }
        } onCancel: {
            let actions = state.withLock { $0.disturb(name) }
            for action in actions { action.run() }
        }
    }

    /// Moves the clock forward, and wakes the tasks whose time has come, the earliest first.
    public func advance(by duration: Duration) {
        let woken = state.withLock { $0.advance(by: duration) }
        for action in woken { action.run() }
    }

    /// Returns as soon as at least `count` tasks sleep by this clock at the same time.
    ///
    /// Advance the clock only after this call: a task that is not yet asleep would count from the new time.
    public func waitForSleepers(_ count: Int = 1) async {
        await watch(.atLeast(count))
    }

    /// Returns as soon as no task sleeps by this clock.
    public func waitForNoSleepers() async {
        await watch(.nobody)
    }

    /// The number of tasks that sleep by this clock now.
    public var sleepers: Int {
        state.withLock { $0.asleep.count }
    }
}

extension HandMovedClock {
    /// Ends early when the task is cancelled, so that a test that waits in vain ends by its time limit.
    private func watch(_ wish: Wish) async {
        let name = state.withLock { $0.nameTask() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { watching in
                let action = state.withLock { $0.watch(wish, name, watching) }
                action?.run()
            }
        } onCancel: {
            let actions = state.withLock { $0.disturb(name) }
            for action in actions { action.run() }
        }
    }

    private struct Sleeper {
        let name: Int
        let wakesAt: Duration
        let waking: CheckedContinuation<Void, any Error>
    }

    private enum Wish {
        case atLeast(Int)
        case nobody

        func holds(for count: Int) -> Bool {
            switch self {
            case .atLeast(let least): count >= least
            case .nobody: count == 0
            }
        }
    }

    private struct Watcher {
        let name: Int
        let wish: Wish
        let watching: CheckedContinuation<Void, Never>
    }

    /// The tasks to wake after the lock is released.
    private enum Action {
        case wake(CheckedContinuation<Void, any Error>)
        case cancel(CheckedContinuation<Void, any Error>)
        case tell(CheckedContinuation<Void, Never>)

        func run() {
            switch self {
            case .wake(let sleeper): sleeper.resume()
            case .cancel(let sleeper): sleeper.resume(throwing: CancellationError())
            case .tell(let watcher): watcher.resume()
            }
        }
    }

    private struct State {
        var now: Instant
        var uptime = Duration.zero
        var asleep: [Sleeper] = []
        private var named = 0
        private var watchers: [Watcher] = []
        /// Tasks that were cancelled before they slept or watched.
        private var disturbed: Set<Int> = []
        /// Tasks that have a name, and neither sleep nor watch yet.
        private var awaited: Set<Int> = []

        init(now: Instant) {
            self.now = now
        }

        mutating func nameTask() -> Int {
            named += 1
            awaited.insert(named)
            return named
        }

        mutating func lieDown(
            _ name: Int, for duration: Duration, waking: CheckedContinuation<Void, any Error>
        ) -> [Action] {
            awaited.remove(name)
            if disturbed.remove(name) != nil { return [.cancel(waking)] }
            guard duration > .zero else { return [.wake(waking)] }
            asleep.append(Sleeper(name: name, wakesAt: uptime + duration, waking: waking))
            return tellWatchers()
        }

        mutating func disturb(_ name: Int) -> [Action] {
            if let index = asleep.firstIndex(where: { $0.name == name }) {
                return [.cancel(asleep.remove(at: index).waking)] + tellWatchers()
            }
            if let index = watchers.firstIndex(where: { $0.name == name }) {
                return [.tell(watchers.remove(at: index).watching)]
            }
            // A task that is awake again needs no message.
            if awaited.contains(name) { disturbed.insert(name) }
            return []
        }

        mutating func set(by step: Duration) {
            now = now + step
        }

        mutating func advance(by duration: Duration) -> [Action] {
            now = now + duration
            uptime += duration
            let due = asleep.filter { $0.wakesAt <= uptime }.sorted { $0.wakesAt < $1.wakesAt }
            asleep.removeAll { $0.wakesAt <= uptime }
            return due.map { .wake($0.waking) } + tellWatchers()
        }

        mutating func watch(_ wish: Wish, _ name: Int, _ watching: CheckedContinuation<Void, Never>) -> Action? {
            awaited.remove(name)
            if disturbed.remove(name) != nil || wish.holds(for: asleep.count) { return .tell(watching) }
            watchers.append(Watcher(name: name, wish: wish, watching: watching))
            return nil
        }

        private mutating func tellWatchers() -> [Action] {
            let count = asleep.count
            defer { watchers.removeAll { $0.wish.holds(for: count) } }
            return watchers.filter { $0.wish.holds(for: count) }.map { .tell($0.watching) }
        }
    }
}
