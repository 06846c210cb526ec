public import PayCore
public import PayFlow
import Synchronization

/// The guard of one provider's transport: circuit breaker, rate-limit pause, and a limit on concurrent calls. It never
/// sends a request twice.
///
/// A call that is not let through fails at once as never sent. A call that waited for its turn has less time for its
/// answer: wait and answer together stay within the transport's total time-out, because a lease covers no more.
public final class GuardedTransport: ProviderTransport {
    /// A change of the provider's availability, for logs and metrics.
    public enum Change: Hashable, Sendable {
        /// The provider does not answer. Calls are paused for this long.
        case opened(Duration)
        /// The provider answers again.
        case closed
        /// The provider asked for fewer calls. Calls are paused for this long.
        case slowedDown(Duration)
    }

    private typealias Waiting = CheckedContinuation<Result<Void, TransportError>, Never>

    private struct State {
        var circuit = CircuitBreaker()
        var pace = CallPace()
        var line: CallLine<Waiting>
        var lastTicket: UInt64 = 0

        func pause(at now: Instant) -> Duration? {
            [circuit.pause(at: now), pace.pause(at: now)].compactMap { $0 }.max()
        }
    }

    private let transport: any ProviderTransport
    private let clock: any PayClock
    private let limits: Limits
    private let jitter: @Sendable () -> Double
    private let saysBroken: @Sendable (ProviderReply) -> Bool
    private let onChange: @Sendable (Change) -> Void
    private let state: Mutex<State>

    /// `jitter` returns a random number in 0..<1. `saysBroken` recognises answers that say that the provider itself
    /// fails, so that no caller can open the circuit by the content of a request. `onChange` is called outside of any
    /// lock.
    public init(
        _ transport: any ProviderTransport, clock: any PayClock, limits: Limits = Limits(),
        jitter: @escaping @Sendable () -> Double = { .random(in: 0..<1) },
        saysBroken: @escaping @Sendable (ProviderReply) -> Bool = \.isServerError,
        onChange: @escaping @Sendable (Change) -> Void = { _ in }
    ) {
        self.transport = transport
        self.clock = clock
        self.limits = limits
        self.jitter = jitter
        self.saysBroken = saysBroken
        self.onChange = onChange
        let line = CallLine<Waiting>(mostAtOnce: limits.callsAtOnce, longestLine: limits.callsInLine)
        state = Mutex(State(line: line))
    }

    /// Another guard over the same transport, for another host of the same provider. Neither guard's pauses concern the
    /// other. The changes of the new guard are not reported.
    func separate() -> GuardedTransport {
        GuardedTransport(transport, clock: clock, limits: limits, jitter: jitter)
    }

    public func send(_ request: ProviderRequest) async throws(TransportError) -> ProviderReply {
        try await send(request, since: clock.uptime())
    }

    /// Sends a request as the second part of work that began at the uptime `beginning`. Both parts together stay within
    /// the time-out of one call.
    func send(
        _ request: ProviderRequest, since beginning: Duration
    ) async throws(TransportError) -> ProviderReply {
        guard pause(at: clock.now()) == nil else { throw TransportError(.neverSent, .leftAlone) }
        try await takeTurn()
        defer { leave() }
        let waited = clock.uptime() - beginning
        guard waited < limits.totalTimeout else { throw TransportError(.neverSent, .timedOut) }
        let begunAt = clock.now()
        // The circuit may have opened while this call waited.
        guard let permit = begin(at: begunAt) else { throw TransportError(.neverSent, .leftAlone) }
        do throws(TransportError) {
            let reply = try await transport.send(request.within(limits.totalTimeout, waited: waited))
            end(permit, of: reply, begunAt: begunAt)
            return reply
        } catch {
            end(permit, error.blamesProvider ? .failed : .abandoned)
            throw error
        }
    }

    /// The rest of the pause at `now`; nil if calls are allowed.
    public func pause(at now: Instant) -> Duration? {
        state.withLock { $0.pause(at: now) }
    }

    /// Reports a rate limit that the status of the answer does not show. Alipay answers 200.
    public func slowDown() {
        let now = clock.now()
        slowDown(begunAt: now, retryAfter: nil, at: now)
    }
}

extension GuardedTransport {
    /// Limits on calls and their time.
    public struct Limits: Sendable, Equatable {
        /// Concurrent calls to one provider. Half of the transport's connections to a host, so that two channels can
        /// share a host. Enough for 800 calls a second of 300 ms each. More concurrent calls would not speed up a
        /// provider that has become slow.
        public var callsAtOnce: Int
        /// The length of the queue. Calls beyond it would time out anyway, so they fail at once.
        public var callsInLine: Int
        /// The transport's total time-out, for a call including its wait.
        public var totalTimeout: Duration

        public init(callsAtOnce: Int = 256, callsInLine: Int = 1_024, totalTimeout: Duration = .seconds(8)) {
            self.callsAtOnce = callsAtOnce
            self.callsInLine = callsInLine
            self.totalTimeout = totalTimeout
        }

        /// The longest wait for a turn. A call with less than half of its time left for the answer is not sent: then
        /// its outcome is known.
        var longestWait: Duration { totalTimeout / 2 }
    }
}

// MARK: The line

extension GuardedTransport {
    /// Returns when this call may go. The caller must then call `leave`.
    private func takeTurn() async throws(TransportError) {
        if state.withLock({ $0.line.goAtOnce() }) { return }
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        let tooLong = Task { [clock, limits, weak self] in
            try await clock.sleep(for: limits.longestWait)
            self?.giveUp(ticket, .timedOut)
        }
        defer { tooLong.cancel() }
        let turn = await withTaskCancellationHandler {
            await withCheckedContinuation { standInLine(ticket, $0) }
        } onCancel: {
            giveUp(ticket, .cancelled)
        }
        try turn.get()
    }

    private func standInLine(_ ticket: UInt64, _ waiting: Waiting) {
        switch state.withLock({ $0.line.arrive(ticket, waiting) }) {
        case .goes: waiting.resume(returning: .success(()))
        case .isTurnedAway: waiting.resume(returning: .failure(TransportError(.neverSent, .tooManyCalls)))
        // A cancellation before this point found no entry in the queue.
        case .waits: if Task.isCancelled { giveUp(ticket, .cancelled) }
        }
    }

    private func giveUp(_ ticket: UInt64, _ reason: TransportError.Reason) {
        state.withLock { $0.line.giveUp(ticket) }?.resume(returning: .failure(TransportError(.neverSent, reason)))
    }

    private func leave() {
        state.withLock { $0.line.leave() }?.resume(returning: .success(()))
    }
}

// MARK: The circuit and the pace

extension GuardedTransport {
    private func begin(at now: Instant) -> CircuitBreaker.Permit? {
        state.withLock { $0.pace.pause(at: now) == nil ? $0.circuit.begin(at: now) : nil }
    }

    private func end(_ permit: CircuitBreaker.Permit, of reply: ProviderReply, begunAt: Instant) {
        let isBroken = saysBroken(reply)
        end(permit, isBroken ? .failed : .answered)
        let now = clock.now()
        if reply.saysTooOften {
            slowDown(begunAt: begunAt, retryAfter: reply.retryAfter, at: now)
        } else if !isBroken {
            state.withLock { $0.pace.goWell(begunAt: begunAt, at: now) }
        }
    }

    private func end(_ permit: CircuitBreaker.Permit, _ outcome: CircuitBreaker.Outcome) {
        let now = clock.now()
        switch state.withLock({ $0.circuit.end(permit, outcome, at: now, jitter: jitter()) }) {
        case .nothing: break
        case .opened(let pause): onChange(.opened(pause))
        case .closed: onChange(.closed)
        }
    }

    private func slowDown(begunAt: Instant, retryAfter: Duration?, at now: Instant) {
        let jitter = jitter()
        let pause = state.withLock {
            $0.pace.slowDown(begunAt: begunAt, retryAfter: retryAfter, at: now, jitter: jitter)
        }
        if let pause { onChange(.slowedDown(pause)) }
    }
}

extension ProviderReply {
    public var isServerError: Bool { (500..<600).contains(status) }

    fileprivate var saysTooOften: Bool { status == 429 }

    /// Seconds only. A date is ignored, because it is based on the provider's clock.
    fileprivate var retryAfter: Duration? {
        guard let text = header("Retry-After"), text.utf8.count <= 9, text.isASCIIDigits,
            let seconds = Int(text), seconds > 0
        else { return nil }
        return .seconds(seconds)
    }
}

extension ProviderRequest {
    /// The request with the rest of the total time-out, if the call waited. A call that did not wait keeps the
    /// transport's own time-out.
    fileprivate func within(_ whole: Duration, waited: Duration) -> ProviderRequest {
        guard waited > .zero else { return self }
        var request = self
        request.timeLimit = whole - waited
        return request
    }
}

extension TransportError {
    /// Whether the error is evidence against the provider or the network. The other errors are local.
    fileprivate var blamesProvider: Bool {
        switch reason {
        case .couldNotResolve, .couldNotConnect, .connectTimedOut, .tlsNotTrusted, .tlsFailed, .timedOut,
            .connectionBroken, .answerTooLarge, .malformedAnswer, .other:
            true
        case .badURL, .badHeader, .schemeNotAllowed, .cancelled, .shutDown, .leftAlone, .tooManyCalls: false
        }
    }
}
