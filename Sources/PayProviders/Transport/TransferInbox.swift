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
/// `post` wakes the loop under the lock, and only while the inbox is open. The loop destroys its handle only after it
/// has seen the inbox closed. So a destroyed handle is never woken.
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

    /// Posts a message. False if the inbox is closed; the message is then discarded.
    func post(_ message: Message) -> Bool {
        state.withLock { state in
            guard state.isOpen else { return false }
            state.messages.append(message)
            // The loop takes all messages at once.
            if state.messages.count == 1 { multi.wakeUp() }
            return true
        }
    }

    /// Closes the inbox to new messages. The loop then fails the transfers in flight and ends.
    func close() {
        state.withLock { state in
            guard state.isOpen else { return }
            state.isOpen = false
            multi.wakeUp()
        }
    }

    /// For the loop: every message so far, and whether more may come.
    func take() -> (messages: [Message], isOpen: Bool) {
        state.withLock { state in
            defer { state.messages.removeAll() }
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
