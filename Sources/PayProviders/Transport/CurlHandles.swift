// All unsafe pointers of the transport are in this file: libcurl's handles, its callbacks, and the thread that drives
// them.

import CCurl
import Glibc
import Synchronization

/// One request and its answer, while libcurl owns the transfer. Used only on the loop's thread.
final class Transfer {
    let job: TransferJob
    fileprivate(set) var progress: TransferProgress
    fileprivate let easy: UnsafeMutableRawPointer
    private let lives: SharedLives
    private var headerLines: UnsafeMutablePointer<curl_slist>?
    private var fixedAddresses: UnsafeMutablePointer<curl_slist>?

    init(_ job: TransferJob, _ setup: TransferSetup) throws(TransportError) {
        guard let easy = curl_easy_init() else {
            throw TransportError(.neverSent, .other(code: Int(CURLE_FAILED_INIT.rawValue)))
        }
        self.job = job
        self.easy = easy
        lives = setup.lives
        progress = TransferProgress(
            mayBeSentAgain: job.request.mayBeSentAgain, deadline: job.deadline,
            answer: AnswerReader(
                headerLimit: setup.limits.answerHeaderBytes, bodyLimit: setup.limits.answerBytes, sink: job.sink)
        )
        for option in setup.options { try set(option) }
        for option in TransferOptions.options(job.request) { try set(option) }
        for address in setup.fixedAddresses { fixedAddresses = curl_slist_append(fixedAddresses, address) }
        try accept(ccurl_fix_addresses(easy, fixedAddresses))
        for line in TransferOptions.headerLines(job.request) { headerLines = curl_slist_append(headerLines, line) }
        try accept(ccurl_set_headers(easy, headerLines))
        try accept(ccurl_cache_authorities(easy, Authorities.cacheSeconds))
        try accept(ccurl_allow_only_http(easy))
        try accept(ccurl_never_wait_for_resolver(easy))
        // Unretained: the loop retains the transfer until libcurl has released its handle.
        let owner = Unmanaged.passUnretained(self).toOpaque()
        try accept(ccurl_set_callbacks(easy, owner, onBegin, onHeaderLine, onBody))
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(headerLines)
        curl_slist_free_all(fixedAddresses)
    }

    /// Whether libcurl may write the request now.
    fileprivate func begin(on ends: ConnectionLives.Ends) -> Bool {
        let now = ContinuousClock.now
        guard progress.begin(at: now) else { return false }
        let isNew = ccurl_new_connections(easy) > 0
        let isKept = lives.all.mayBeKept(ends, isNew: isNew, at: now, chance: .random(in: 0..<1))
        return isKept || ccurl_set_long(easy, CURLOPT_FORBID_REUSE, 1) == CURLE_OK
    }

    private func set(_ option: TransferOptions.Option) throws(TransportError) {
        switch option {
        case .nothing(let option): try accept(ccurl_set_nothing(easy, option))
        case .number(let option, let value): try accept(ccurl_set_long(easy, option, value))
        case .text(let option, let value): try accept(ccurl_set_string(easy, option, value))
        case .body(let bytes):
            // A pointer is needed for an empty body too: with a null pointer libcurl would ask a read callback for the
            // body.
            try accept((bytes + [0]).withUnsafeBytes { ccurl_set_body(easy, $0.baseAddress, bytes.count) })
        }
    }

    /// A rejected option may be a protection, so the request is not sent.
    private func accept(_ code: CURLcode) throws(TransportError) {
        guard code == CURLE_OK else { throw TransportError(.neverSent, .init(code, hasBegun: false)) }
    }
}

/// libcurl's multi handle: many transfers, shared connections, one thread.
///
/// Unchecked `Sendable`: only the loop's thread uses the handle, except for `wakeUp`. libcurl allows `wakeUp` from any
/// thread until `close`. A later one does nothing.
final class MultiHandle: @unchecked Sendable {
    private let multi: UnsafeMutableRawPointer
    /// Set once a wake-up has failed. From then on no wait is longer than `LoopWait.busy`.
    private let isDeaf = Atomic(false)
    /// Held during a wake-up, so that the handle is not closed meanwhile.
    private let isOpen = Mutex(true)

    init(_ limits: CurlTransport.Limits) {
        precondition(curlIsReady, "libcurl could not be initialised")
        guard let multi = curl_multi_init() else {
            fatalError("out of memory: no libcurl multi handle")
        }
        self.multi = multi
        ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING)
        ccurl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, limits.connectionsPerHost)
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, limits.connectionsKept)
        // libcurl does not report an error if the process has no free file descriptor for wake-ups. This first wake-up
        // does.
        wakeUp()
    }

    /// Ends the current wait, or the next one if none is in progress.
    func wakeUp() {
        isOpen.withLock { isOpen in
            if isOpen, curl_multi_wakeup(multi) != CURLM_OK { isDeaf.store(true, ordering: .relaxed) }
        }
    }

    /// Short when a wake-up may be lost.
    var longestWait: Duration { isDeaf.load(ordering: .relaxed) ? LoopWait.busy : LoopWait.idle }

    /// Adds a transfer. libcurl sends nothing before the next `perform`.
    func add(_ transfer: Transfer) -> CURLMcode { curl_multi_add_handle(multi, transfer.easy) }

    /// Removes a transfer. The connection of an unfinished transfer is closed, because the rest of its answer is still
    /// arriving.
    func remove(_ transfer: Transfer) { curl_multi_remove_handle(multi, transfer.easy) }

    /// Advances every transfer as far as possible without blocking.
    func perform() -> CURLMcode {
        var running: Int32 = 0
        return curl_multi_perform(multi, &running)
    }

    /// The next transfer that libcurl has finished.
    func nextDone() -> (transfer: Transfer, code: CURLcode, status: Int)? {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            let easy = message.pointee.easy_handle
            guard message.pointee.msg == CURLMSG_DONE, let owner = ccurl_owner(easy) else { continue }
            return (transfer(owner), message.pointee.data.result, ccurl_status(easy))
        }
        return nil
    }

    /// Waits for network activity, a libcurl timer, a `wakeUp`, or at most `duration`.
    func wait(for duration: Duration) {
        guard duration > .zero else { return }
        let milliseconds = Int32(min(duration, longestWait).curlMilliseconds)
        if curl_multi_poll(multi, nil, 0, milliseconds, nil) == CURLM_OK { return }
        // The poll failed at once, for lack of memory. A loop without a wait would use a whole core.
        poll(nil, 0, min(milliseconds, 10))
    }

    /// Closes the cached connections. Precondition: every transfer is removed.
    func close() {
        isOpen.withLock { $0 = false }
        curl_multi_cleanup(multi)
    }
}

/// libcurl's global initialisation, once per process.
private let curlIsReady = {
    // libcurl and OpenSSL would write the TLS secrets of each connection to the file that this variable names.
    unsetenv("SSLKEYLOGFILE")
    return curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}()

private func transfer(_ owner: UnsafeMutableRawPointer) -> Transfer {
    Unmanaged<Transfer>.fromOpaque(owner).takeUnretainedValue()
}

private let onBegin: curl_prereq_callback = { owner, remoteAddress, _, remotePort, localPort in
    let address = remoteAddress.map { String(cString: $0) } ?? ""
    let ends = ConnectionLives.Ends(localPort: localPort, remoteAddress: address, remotePort: remotePort)
    guard let owner, transfer(owner).begin(on: ends) else { return CURL_PREREQFUNC_ABORT }
    return CURL_PREREQFUNC_OK
}

/// Any return value other than the count makes libcurl abort the transfer.
private let onHeaderLine: curl_write_callback = { bytes, _, count, owner in
    let line = UnsafeRawBufferPointer(start: bytes, count: count)
    guard let owner, transfer(owner).progress.readLine(line) else { return count &- 1 }
    return count
}

private let onBody: curl_write_callback = { bytes, _, count, owner in
    let piece = UnsafeRawBufferPointer(start: bytes, count: count)
    guard let owner, transfer(owner).progress.readBody(piece) else { return count &- 1 }
    return count
}

/// Runs a body on a new thread. For blocking work, which must not occupy the cooperative pool.
func startThread(_ body: @escaping @Sendable () -> Void) {
    let context = Unmanaged.passRetained(ThreadBody(body)).toOpaque()
    var thread = pthread_t()
    let failure = pthread_create(&thread, nil, runThreadBody, context)
    precondition(failure == 0, "pthread_create failed with code \(failure)")
    pthread_detach(thread)
}

private let runThreadBody: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
    guard let context else { return nil }
    blockBrokenPipeSignal()
    Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue().run()
    return nil
}

private final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}

/// With CURLOPT_NOSIGNAL libcurl does not handle SIGPIPE, and a write to a closed connection would end the process.
private func blockBrokenPipeSignal() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
}
