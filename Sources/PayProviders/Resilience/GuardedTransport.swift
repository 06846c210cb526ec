public import PayCore
public import PayFlow
import Synchronization

/// One provider's transport, that leaves it alone for a while when it doesn't answer or asks for fewer calls, and makes
/// only so many at once. It never sends anything twice.
///
/// A call that it doesn't let through fails as one that was never sent, at once. One that waits for its turn has the
/// less time left for its answer: with its wait it is no longer than the transport's total time-out, because a lease is
/// given for that.
public final class GuardedTransport: ProviderTransport {
    /// What became of the way to the provider, to be logged and counted.
    public enum Change: Hashable, Sendable {
        /// It doesn't answer, and is left alone for so long.
        case opened(Duration)
        /// It answers again.
        case closed
        /// It asked for fewer calls, and is left alone for so long.
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

    /// `jitter` gives a number from 0 up to 1 at random. `saysBroken` tells the answers that say that the provider itself
    /// doesn't work, so that nobody opens the circuit by what they ask for. `onChange` is called outside any lock.
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

    public func send(_ request: ProviderRequest) async throws(TransportError) -> ProviderReply {
        try await send(request, since: clock.uptime())
    }

    /// The same for what has begun at the uptime `beginning` with something else: what that took is no more left for this
    /// call, so that both end within the time of one.
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

    /// How long the provider is left alone from `now`; nil when it can be called.
    public func pause(at now: Instant) -> Duration? {
        state.withLock { $0.pause(at: now) }
    }

    /// The provider said *too often* in an answer whose status doesn't tell (Alipay answers 200).
    public func slowDown() {
        let now = clock.now()
        slowDown(begunAt: now, retryAfter: nil, at: now)
    }
}

extension GuardedTransport {
    /// How many calls, and how long.
    public struct Limits: Sendable, Equatable {
        /// At once to one provider: half of the connections that the transport makes to a host, which is room for two
        /// channels behind one host, and 800 calls a second that take 300 ms each. More than that at once is a provider
        /// that has become slow, which more calls don't make faster.
        public var callsAtOnce: Int
        /// Waiting for their turn. What comes behind so many would not be served in time anyhow.
        public var callsInLine: Int
        /// The transport's own: for a call with its wait.
        public var totalTimeout: Duration

        public init(callsAtOnce: Int = 256, callsInLine: Int = 1_024, totalTimeout: Duration = .seconds(8)) {
            self.callsAtOnce = callsAtOnce
            self.callsInLine = callsInLine
            self.totalTimeout = totalTimeout
        }

        /// The longest wait for a turn. Who would have less than half of the time left for the answer had better not
        /// be sent at all: then at least it is known that nothing was done.
        var longestWait: Duration { totalTimeout / 2 }
    }
}

// MARK: The line

extension GuardedTransport {
    /// Returns when this call may go; it must `leave` then.
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
        // A cancellation before this was told to nobody.
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
        let (now, jitter) = (clock.now(), jitter())
        switch state.withLock({ $0.circuit.end(permit, outcome, at: now, jitter: jitter) }) {
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

    /// In seconds; a date isn't read, because its sender's clock isn't ours.
    fileprivate var retryAfter: Duration? {
        guard let text = header("Retry-After"), (1...9).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let seconds = Int(text), seconds > 0
        else { return nil }
        return .seconds(seconds)
    }
}

extension ProviderRequest {
    /// What is left of the whole time for a call that has waited; one that hasn't has the transport's own.
    fileprivate func within(_ whole: Duration, waited: Duration) -> ProviderRequest {
        guard waited > .zero else { return self }
        var request = self
        request.timeLimit = whole - waited
        return request
    }
}

extension TransportError {
    /// Whether it says something of the provider, or of the way to it; the others are ours.
    fileprivate var blamesProvider: Bool {
        switch reason {
        case .couldNotResolve, .couldNotConnect, .connectTimedOut, .tlsNotTrusted, .tlsFailed, .timedOut,
            .connectionBroken, .answerTooLarge, .malformedAnswer, .other:
            true
        case .badURL, .badHeader, .schemeNotAllowed, .cancelled, .shutDown, .leftAlone, .tooManyCalls: false
        }
    }
}
