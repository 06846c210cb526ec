import Synchronization

/// A place where a call stops until a test lets it go on, and where the test learns that it has come.
public final class Hold: Sendable {
    private struct State {
        var isReleased = false
        var arrivals = 0
        var held: [CheckedContinuation<Void, Never>] = []
        var watchers: [CheckedContinuation<Void, Never>] = []
    }

    /// Holds whose callers never go on, as in a process that died. Kept, so that nobody misses their continuations.
    private static let graveyard = Mutex<[Hold]>([])

    private let state = Mutex(State())

    public init() {
        // A hold that a test doesn't let go of stands for a process that died.
        Self.graveyard.withLock { $0.append(self) }
    }

    /// Returns as soon as a call is held, or has been.
    public func waitForArrival() async {
        await withCheckedContinuation { watcher in
            let isThere = state.withLock { state in
                if state.arrivals == 0 { state.watchers.append(watcher) }
                return state.arrivals > 0
            }
            if isThere { watcher.resume() }
        }
    }

    /// Lets whoever is held go on, and holds nobody any more.
    public func release() {
        let held = state.withLock { state in
            state.isReleased = true
            defer { state.held = [] }
            return state.held
        }
        for caller in held { caller.resume() }
    }

    /// Stops the caller here, until ``release()``.
    public func stop() async {
        await withCheckedContinuation { caller in
            let (goesOn, watchers) = state.withLock { state in
                state.arrivals += 1
                if !state.isReleased { state.held.append(caller) }
                defer { state.watchers = [] }
                return (state.isReleased, state.watchers)
            }
            for watcher in watchers { watcher.resume() }
            if goesOn { caller.resume() }
        }
    }
}
