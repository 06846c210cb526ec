import Synchronization

/// A request for the loop, with the continuation of its caller.
struct TransferJob: Sendable {
    let id: UInt64
    let request: ProviderRequest
    let deadline: ContinuousClock.Instant
    /// Takes the body of the answer; nil to collect it in memory.
    var sink: BodySink?
    let caller: CheckedContinuation<Result<ProviderReply, TransportError>, Never>
}

/// Messages from callers to the loop's thread, in the order of their arrival.
///
/// The loop is woken only while it waits: each wake-up is a system call of the caller, and two of the loop.
final class TransferInbox: Sendable {
    enum Message: Sendable {
        case start(TransferJob)
        case cancel(UInt64)
    }

    private struct State {
        var messages: [Message] = []
        var isOpen = true
        /// Whether the loop waits for the next message.
        var isWaiting = false
        var hasEnded = false
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []

        /// Whether the loop waited. The caller then wakes it up.
        mutating func endWait() -> Bool {
            defer { isWaiting = false }
            return isWaiting
        }
    }

    private let state = Mutex(State())
    private let multi: MultiHandle

    init(waking multi: MultiHandle) {
        self.multi = multi
    }

    /// Posts a message. False if the inbox is closed; the message is then discarded.
    func post(_ message: Message) -> Bool {
        let (isPosted, isFirst) = state.withLock { state in
            guard state.isOpen else { return (false, false) }
            state.messages.append(message)
            return (true, state.endWait())
        }
        // The loop takes the lock at once, so it is woken outside of the lock.
        if isFirst { multi.wakeUp() }
        return isPosted
    }

    /// Closes the inbox to new messages. The loop then fails the transfers in flight and ends.
    func close() {
        let isFirst = state.withLock { state in
            state.isOpen = false
            return state.endWait()
        }
        if isFirst { multi.wakeUp() }
    }

    /// For the loop: whether it may wait. The next message or the close then wakes it up.
    func beginWait() -> Bool {
        state.withLock { state in
            state.isWaiting = state.isOpen && state.messages.isEmpty
            return state.isWaiting
        }
    }

    /// For the loop: every message so far, and whether more may come.
    func take() -> (messages: [Message], isOpen: Bool) {
        state.withLock { state in
            state.isWaiting = false
            defer { state.messages = [] }
            return (state.messages, state.isOpen)
        }
    }

    /// For the loop: its thread has ended.
    func end() {
        let waiting = state.withLock { state in
            state.hasEnded = true
            defer { state.waitingForEnd.removeAll() }
            return state.waitingForEnd
        }
        for waiter in waiting { waiter.resume() }
    }

    /// Returns when the loop's thread has ended.
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
