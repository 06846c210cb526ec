import CCurl

/// Drives every transfer of one transport, on one thread.
///
/// The total time-out is kept here rather than by libcurl: libcurl's doesn't run while a request waits for one of its
/// host's connections, and here a time-out, a cancellation and a shut-down are the same act with another reason.
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

    /// Works until the inbox is closed.
    func run() {
        while readMessages() {
            let code = multi.perform()
            if code != CURLM_OK { abandonAll(.other(code: Int(code.rawValue))) }
            let ended = finishDone() + abandonOverdue(at: .now)
            multi.wait(for: LoopWait.after(ended: ended, nextDeadline: untilNextDeadline(from: .now)))
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
            // `perform` comes before `abandonOverdue`, and would send it.
            guard ContinuousClock.now < job.deadline else { throw TransportError(.neverSent, .timedOut) }
            let transfer = try Transfer(job, setup)
            let code = multi.add(transfer)
            guard code == CURLM_OK else { throw TransportError(.neverSent, .other(code: Int(code.rawValue))) }
            inFlight[job.id] = transfer
        } catch {
            job.caller.resume(returning: .failure(error))
        }
    }

    /// How many transfers libcurl was done with.
    private func finishDone() -> Int {
        var count = 0
        while let (transfer, code, status) = multi.nextDone() {
            remove(transfer)
            transfer.job.caller.resume(returning: transfer.progress.finish(code: code, status: status))
            count += 1
        }
        return count
    }

    /// How many transfers were given up because their time was over.
    private func abandonOverdue(at now: ContinuousClock.Instant) -> Int {
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

    /// Nil when nothing is in flight.
    private func untilNextDeadline(from now: ContinuousClock.Instant) -> Duration? {
        inFlight.values.map(\.job.deadline).min().map { now.duration(to: $0) }
    }
}
