import Synchronization

/// The transport over libcurl: connections kept and shared, one thread for all of them, nothing that blocks a task.
///
/// A request goes out at most once for each `send`, but for a GET, which libcurl may send again when a kept-alive
/// connection turns out to be dead (TransferProgress says how, and why).
public final class CurlTransport: ProviderTransport {
    private let limits: Limits
    private let inbox: TransferInbox
    private let lastID = Atomic<UInt64>(0)

    /// `authoritiesFile` is a PEM file of the authorities to trust in place of the system's.
    public convenience init(limits: Limits = Limits(), authoritiesFile: String? = nil) {
        self.init(limits: limits, authoritiesFile: authoritiesFile, fixedAddresses: [])
    }

    /// `fixedAddresses` replaces the resolver for some hosts: `HOST:PORT:ADDRESS,ADDRESS`.
    init(limits: Limits, authoritiesFile: String?, fixedAddresses: [String]) {
        let multi = MultiHandle(limits)
        let inbox = TransferInbox(waking: multi)
        self.limits = limits
        self.inbox = inbox
        // The thread holds the inbox and not the transport, so that a transport that is let go of can end it.
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
        try request.check()
        let id = lastID.add(1, ordering: .relaxed).newValue
        let deadline = ContinuousClock.now + min(limits.totalTimeout, request.timeLimit ?? limits.totalTimeout)
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { caller in
                post(TransferJob(id: id, request: request, deadline: deadline, caller: caller))
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
        // A cancellation between the first line and the second was posted before the job, in vain.
        if Task.isCancelled { _ = inbox.post(.cancel(job.id)) }
    }

    /// Fails what is in flight, takes no more, and returns when the thread is over. Again, it changes nothing.
    public func close() async {
        inbox.close()
        await inbox.ended()
    }
}

extension CurlTransport {
    /// How long and how much: each a promise to the rest of the service.
    public struct Limits: Sendable, Equatable {
        /// For the name, the connection and the TLS handshake. Two seconds is many round trips to another continent.
        public var connectTimeout: Duration
        /// For all of a request, from `send` to the last byte, with any wait for a connection. An order's lease must
        /// be longer than this.
        public var totalTimeout: Duration
        /// The largest body. The answers are a few kilobytes; a list of platform certificates is some tens.
        public var answerBytes: Int
        /// The status line and the headers together, with those of interim answers and trailers.
        public var answerHeaderBytes: Int
        /// At once to one host; further requests wait. Enough for 1,600 calls a second that take 300 ms each.
        public var connectionsPerHost: Int
        /// Kept alive between requests, over all hosts: two or three providers' worth.
        public var connectionsKept: Int
        /// A connection that was idle for longer is not used again. Servers close theirs after some time, most of them
        /// 15 s or more; a request that meets such a close on its way is lost with an unknown outcome, so ours goes first.
        public var idleConnectionSeconds: Int
        /// A connection is not used for longer than this, so that a provider that moves to other addresses is followed.
        /// Each connection has an age of its own, from half of this on: ConnectionLives says why.
        public var connectionLifeSeconds: Int

        public init(
            connectTimeout: Duration = .seconds(2),
            totalTimeout: Duration = .seconds(8),
            answerBytes: Int = 1_048_576,
            answerHeaderBytes: Int = 65_536,
            connectionsPerHost: Int = 512,
            connectionsKept: Int = 512,
            idleConnectionSeconds: Int = 10,
            connectionLifeSeconds: Int = 300
        ) {
            self.connectTimeout = connectTimeout
            self.totalTimeout = totalTimeout
            self.answerBytes = answerBytes
            self.answerHeaderBytes = answerHeaderBytes
            self.connectionsPerHost = connectionsPerHost
            self.connectionsKept = connectionsKept
            self.idleConnectionSeconds = idleConnectionSeconds
            self.connectionLifeSeconds = connectionLifeSeconds
        }
    }
}
