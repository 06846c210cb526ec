import Synchronization

/// A transport over libcurl. Connections are kept alive and shared, one thread drives all transfers, and no task
/// blocks.
///
/// Each `send` sends the request at most once. The exception is GET: libcurl may send a GET again when a kept-alive
/// connection turns out to be closed. See `TransferProgress`.
public final class CurlTransport: ProviderTransport {
    private let limits: Limits
    private let inbox: TransferInbox
    private let lastID = Atomic<UInt64>(0)

    /// `authoritiesFile` is a PEM file of trusted authorities that replaces the system's file.
    public convenience init(limits: Limits = Limits(), authoritiesFile: String? = nil) {
        self.init(limits: limits, authoritiesFile: authoritiesFile, fixedAddresses: [])
    }

    /// `fixedAddresses` replaces the resolver for some hosts: `HOST:PORT:ADDRESS,ADDRESS`.
    init(limits: Limits, authoritiesFile: String?, fixedAddresses: [String]) {
        let multi = MultiHandle(limits)
        let inbox = TransferInbox(waking: multi)
        self.limits = limits
        self.inbox = inbox
        // The thread retains the inbox and not the transport, so that releasing the transport ends the thread.
        startThread {
            let setup = TransferSetup(
                limits: limits, authoritiesFile: authoritiesFile, fixedAddresses: fixedAddresses)
            TransferLoop(inbox: inbox, multi: multi, setup: setup).run()
        }
    }

    deinit {
        inbox.close()
    }

    public func send(_ request: ProviderRequest) async throws(TransportError) -> ProviderReply {
        try await send(request, body: nil)
    }

    /// Sends a request, and passes the body of its answer to `sink`. The body of the reply is then empty.
    func send(
        _ request: ProviderRequest, into sink: @escaping BodySink
    ) async throws(TransportError) -> ProviderReply {
        try await send(request, body: sink)
    }

    private func send(
        _ request: ProviderRequest, body sink: BodySink?
    ) async throws(TransportError) -> ProviderReply {
        try request.check()
        let id = lastID.add(1, ordering: .relaxed).newValue
        let deadline = ContinuousClock.now + min(limits.totalTimeout, request.timeLimit ?? limits.totalTimeout)
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { caller in
                post(TransferJob(id: id, request: request, deadline: deadline, sink: sink, caller: caller))
            }
        } onCancel: {
            _ = inbox.post(.cancel(id))
        }
        return try outcome.get()
    }

    private func post(_ job: TransferJob) {
        if Task.isCancelled { return job.caller.resume(returning: .failure(TransportError(.neverSent, .cancelled))) }
        guard inbox.post(.start(job)) else {
            return job.caller.resume(returning: .failure(TransportError(.neverSent, .shutDown)))
        }
        // Covers a cancellation between the first line and the post: its message came before the job and had no effect.
        if Task.isCancelled { _ = inbox.post(.cancel(job.id)) }
    }

    /// Fails the requests in flight, rejects new ones, and returns when the thread has ended. Idempotent.
    public func close() async {
        inbox.close()
        await inbox.ended()
    }
}

extension CurlTransport {
    /// Time and size limits. Other parts of the service rely on them.
    public struct Limits: Sendable, Equatable {
        /// Limit for name resolution, connection and TLS handshake together. Two seconds cover many round trips to
        /// another continent.
        public var connectTimeout: Duration
        /// Limit for a whole request, from `send` to the last byte, including any wait for a connection. An order's
        /// lease must be longer than this.
        public var totalTimeout: Duration
        /// The largest body. Answers have a few kilobytes; a list of platform certificates has some tens of kilobytes.
        public var answerBytes: Int
        /// The status line and the headers together, including those of interim answers and trailers.
        public var answerHeaderBytes: Int
        /// Concurrent connections to one host; further requests wait. Enough for 1,600 calls a second of 300 ms each.
        public var connectionsPerHost: Int
        /// Idle connections kept alive, over all hosts. Enough for two or three providers.
        public var connectionsKept: Int
        /// A connection that was idle for longer is not reused. Most servers close idle connections after 15 s or more.
        /// A request that crosses such a close is lost with an unknown outcome, so this limit is lower.
        public var idleConnectionSeconds: Int
        /// A connection is not used for longer than this, so that a change of the provider's addresses takes effect.
        /// Each connection gets a random maximum age between half of this and this; see `ConnectionLives`.
        public var connectionLifeSeconds: Int
        /// A transfer that is slower than this for `slowSeconds` is aborted as timed out. 0 for no such limit: short
        /// calls have the total time-out.
        public var leastBytesPerSecond: Int
        public var slowSeconds: Int

        public init(
            connectTimeout: Duration = .seconds(2),
            totalTimeout: Duration = .seconds(8),
            answerBytes: Int = 1_048_576,
            answerHeaderBytes: Int = 65_536,
            connectionsPerHost: Int = 512,
            connectionsKept: Int = 512,
            idleConnectionSeconds: Int = 10,
            connectionLifeSeconds: Int = 300,
            leastBytesPerSecond: Int = 0,
            slowSeconds: Int = 0
        ) {
            self.connectTimeout = connectTimeout
            self.totalTimeout = totalTimeout
            self.answerBytes = answerBytes
            self.answerHeaderBytes = answerHeaderBytes
            self.connectionsPerHost = connectionsPerHost
            self.connectionsKept = connectionsKept
            self.idleConnectionSeconds = idleConnectionSeconds
            self.connectionLifeSeconds = connectionLifeSeconds
            self.leastBytesPerSecond = leastBytesPerSecond
            self.slowSeconds = slowSeconds
        }
    }
}
