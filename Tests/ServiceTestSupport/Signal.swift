import Synchronization

/// Records events and wakes the tasks that wait for them.
package final class Signal<News: Sendable>: Sendable {
    private struct Waiter {
        package let name: Int
        package let count: Int
        package let fits: @Sendable (News) -> Bool
        package let waking: CheckedContinuation<Void, Never>
    }

    private struct State {
        package var told: [News] = []
        package var named = 0
        package var waiters: [Waiter] = []

        /// Removes and returns the waiters that can continue.
        package mutating func woken(_ hasEnded: (Waiter) -> Bool) -> [Waiter] {
            defer { waiters.removeAll(where: hasEnded) }
            return waiters.filter(hasEnded)
        }
    }

    private let state = Mutex(State())

    package func tell(_ news: News) {
        let woken = state.withLock { state in
            state.told.append(news)
            let told = state.told
            return state.woken { told.count(where: $0.fits) >= $0.count }
        }
        for waiter in woken { waiter.waking.resume() }
    }

    /// Returns when this number of fitting events was recorded, or when the task is cancelled, for example by a time
    /// limit.
    package func wait(for count: Int, _ fits: @escaping @Sendable (News) -> Bool) async {
        let name = state.withLock { state in
            state.named += 1
            return state.named
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waking in
                let isThere = state.withLock { state in
                    if Task.isCancelled || state.told.count(where: fits) >= count { return true }
                    state.waiters.append(Waiter(name: name, count: count, fits: fits, waking: waking))
                    return false
                }
                if isThere { waking.resume() }
            }
        } onCancel: {
            for waiter in state.withLock({ $0.woken { $0.name == name } }) { waiter.waking.resume() }
        }
    }
}
