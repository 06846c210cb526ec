import Synchronization

/// A request on its way to the loop, and whoever waits for its outcome.
struct TransferJob: Sendable {
    let id: UInt64
    let request: ProviderRequest
    let deadline: ContinuousClock.Instant
    let caller: CheckedContinuation<Result<ProviderReply, TransportError>, Never>
}

/// What callers ask of the loop's thread, in the order in which they asked.
///
/// The loop is woken under the lock, and only while the inbox is open; the loop destroys its handle only after it has
/// seen the inbox closed. So nobody wakes a handle that is gone.
final class TransferInbox: Sendable {
    enum Message: Sendable {
        case start(TransferJob)
        case cancel(UInt64)
    }

    private struct State {
        var messages: [Message] = []
        var isOpen = true
        var hasEnded = false
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let multi: MultiHandle

    init(waking multi: MultiHandle) {
        self.multi = multi
    }

    /// Leaves a message; false when the inbox is closed, and nobody will read it.
    func post(_ message: Message) -> Bool {
        state.withLock { state in
            guard state.isOpen else { return false }
            state.messages.append(message)
            multi.wakeUp()
            return true
        }
    }

    /// Takes no more messages. The loop fails what is in flight, and ends.
    func close() {
        state.withLock { state in
            guard state.isOpen else { return }
            state.isOpen = false
            multi.wakeUp()
        }
    }

    /// The loop's side: every message so far, and whether more may come.
    func take() -> (messages: [Message], isOpen: Bool) {
        state.withLock { state in
            defer { state.messages.removeAll() }
            return (state.messages, state.isOpen)
        }
    }

    /// The loop's side: its thread is over.
    func end() {
        let waiting = state.withLock { state in
            state.hasEnded = true
            defer { state.waitingForEnd.removeAll() }
            return state.waitingForEnd
        }
        for waiter in waiting { waiter.resume() }
    }

    /// Returns when the loop's thread is over.
    func ended() async {
        await withCheckedContinuation { waiter in
            let hasEnded = state.withLock { state in
                if !state.hasEnded { state.waitingForEnd.append(waiter) }
                return state.hasEnded
            }
            if hasEnded { waiter.resume() }
        }
    }
}
