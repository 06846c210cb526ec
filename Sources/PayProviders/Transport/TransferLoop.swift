import CCurl

/// Drives every transfer of one transport, on one thread.
///
/// The loop enforces the total time-out itself. libcurl's time-out does not run while a request waits for a connection
/// to its host. A time-out, a cancellation and a shut-down also share one code path here.
final class TransferLoop {
    private let inbox: TransferInbox
    private let multi: MultiHandle
    private let setup: TransferSetup
    private var inFlight: [UInt64: Transfer] = [:]

    init(inbox: TransferInbox, multi: MultiHandle, setup: TransferSetup) {
        self.inbox = inbox
        self.multi = multi
        self.setup = setup
    }

    /// Runs until the inbox is closed.
    func run() {
        while readMessages() {
            let code = multi.perform()
            if code != CURLM_OK { abandonAll(.other(code: Int(code.rawValue))) }
            let ended = finishDone() + abandonOverdue(at: .now)
            let now = ContinuousClock.now
            let wait = LoopWait.after(ended: ended, nextDeadline: nextDeadline.map { now.duration(to: $0) })
            if wait > .zero, inbox.beginWait() { multi.wait(for: wait) }
        }
        abandonAll(.shutDown)
        multi.close()
        inbox.end()
    }

    /// False when the inbox is closed. Jobs posted before the close are started, so that they can be aborted.
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
            // `perform` runs before `abandonOverdue` and would send the request.
            guard ContinuousClock.now < job.deadline else { throw TransportError(.neverSent, .timedOut) }
            let transfer = try Transfer(job, setup)
            let code = multi.add(transfer)
            guard code == CURLM_OK else { throw TransportError(.neverSent, .other(code: Int(code.rawValue))) }
            inFlight[job.id] = transfer
        } catch {
            job.caller.resume(returning: .failure(error))
        }
    }

    /// The number of transfers that libcurl has finished.
    private func finishDone() -> Int {
        var count = 0
        while let (transfer, code, status) = multi.nextDone() {
            remove(transfer)
            transfer.job.caller.resume(returning: transfer.progress.finish(code: code, status: status))
            count += 1
        }
        return count
    }

    /// The number of transfers that were aborted because their deadline passed.
    private func abandonOverdue(at now: ContinuousClock.Instant) -> Int {
        guard let nextDeadline, nextDeadline <= now else { return 0 }
        let overdue = inFlight.values.filter { $0.job.deadline <= now }
        for transfer in overdue { abandon(transfer, .timedOut) }
        return overdue.count
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

    /// Nil when no transfer is in flight.
    private var nextDeadline: ContinuousClock.Instant? {
        inFlight.values.lazy.map { $0.job.deadline }.min()
    }
}
