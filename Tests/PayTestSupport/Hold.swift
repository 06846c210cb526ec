import Synchronization

/// A point where a call stops until a test releases it. The test can wait for the call's arrival.
public final class Hold: Sendable {
    private struct State {
        var isReleased = false
        var arrivals = 0
        var held: [CheckedContinuation<Void, Never>] = []
        var watchers: [CheckedContinuation<Void, Never>] = []
    }

    /// Holds whose callers never continue, as in a crashed process. They are kept, so that their continuations are not
    /// lost.
    private static let graveyard = Mutex<[Hold]>([])

    private let state = Mutex(State())

    public init() {
        // A hold that a test does not release stands for a crashed process.
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

    /// Releases the held calls, and holds no further call.
    public func release() {
        let held = state.withLock { state in
            state.isReleased = true
            defer { state.held = [] }
            return state.held
        }
        for caller in held { caller.resume() }
    }

    /// Stops the caller here until ``release()``.
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
