import CCurl

/// Drives every transfer of one transport, on one thread.
///
/// The total time-out is kept here rather than by libcurl: libcurl's doesn't run while a request waits for one of its
/// host's connections, and here a time-out, a cancellation and a shut-down are the same act with another reason.
final class TransferLoop {
    private let inbox: TransferInbox
    private let multi: MultiHandle
    private let limits: CurlTransport.Limits
    private let certificateFile: String?
    private var inFlight: [UInt64: Transfer] = [:]

    /// The longest wait when nothing is in flight; a message ends it.
    private static let idleWait = Duration.seconds(60)

    init(inbox: TransferInbox, multi: MultiHandle, limits: CurlTransport.Limits, certificateFile: String?) {
        self.inbox = inbox
        self.multi = multi
        self.limits = limits
        self.certificateFile = certificateFile
    }

    /// Works until the inbox is closed.
    func run() {
        while readMessages() {
            let code = multi.perform()
            if code != CURLM_OK { abandonAll(.other(code: Int(code.rawValue))) }
            finishDone()
            abandonOverdue(at: .now)
            multi.wait(milliseconds: Int32(untilNextDeadline(from: .now).curlMilliseconds))
        }
        abandonAll(.shutDown)
        multi.close()
        inbox.end()
    }

    /// False when the inbox is closed. What was posted before that is started, so that it can be abandoned.
    private func readMessages() -> Bool {
        let (messages, isOpen) = inbox.take()
        for message in messages {
            switch message {
            case .start(let job): start(job)
            case .cancel(let id): if let transfer = inFlight[id] { abandon(transfer, .cancelled) }
            }
        }
        return isOpen
    }

    private func start(_ job: TransferJob) {
        do throws(TransportError) {
            let transfer = try Transfer(job, limits: limits, certificateFile: certificateFile)
            let code = multi.add(transfer)
            guard code == CURLM_OK else { throw TransportError(.neverSent, .other(code: Int(code.rawValue))) }
            inFlight[job.id] = transfer
        } catch {
            job.caller.resume(returning: .failure(error))
        }
    }

    private func finishDone() {
        while let (transfer, code, status) = multi.nextDone() {
            remove(transfer)
            transfer.job.caller.resume(returning: transfer.progress.finish(code: code, status: status))
        }
    }

    private func abandonOverdue(at now: ContinuousClock.Instant) {
        for transfer in inFlight.values where transfer.job.deadline <= now { abandon(transfer, .timedOut) }
    }

    private func abandonAll(_ reason: TransportError.Reason) {
        for transfer in inFlight.values { abandon(transfer, reason) }
    }

    private func abandon(_ transfer: Transfer, _ reason: TransportError.Reason) {
        remove(transfer)
        transfer.job.caller.resume(returning: .failure(transfer.progress.abandon(reason)))
    }

    private func remove(_ transfer: Transfer) {
        multi.remove(transfer)
        inFlight[transfer.job.id] = nil
    }

    private func untilNextDeadline(from now: ContinuousClock.Instant) -> Duration {
        guard let next = inFlight.values.map(\.job.deadline).min() else { return Self.idleWait }
        return min(now.duration(to: next), Self.idleWait)
    }
}
