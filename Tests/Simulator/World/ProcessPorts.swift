import PayCore
import PayFlow

/// The world's clock, as a process reads it.
struct ProcessClock: PayClock {
    let process: ServiceProcess

    func now() -> Instant { process.world.now }

    /// The world's clock is never set.
    func uptime() -> Duration { .milliseconds(process.world.now.milliseconds) }

    func sleep(for duration: Duration) async throws {
        let bed = Bed()
        let isAlive = await withTaskCancellationHandler {
            await process.wait(for: duration) { bed.ticket = $0 }
        } onCancel: {
            if let ticket = bed.ticket { process.unpark(ticket) }
        }
        guard isAlive else { throw Crashed() }
        try Task.checkCancellation()
    }

    /// The sleep of a task that may be cancelled by a job of the same thread.
    private final class Bed: @unchecked Sendable {
        var ticket: Int?
    }
}

/// Counts what a live process says of itself, and takes its complaints for failures.
struct ProcessObserver: FlowObserver {
    let process: ServiceProcess

    func saw(_ observation: Observation) {
        guard process.isAlive else { return }
        let world = process.world
        switch observation {
        case .noticeNotConfirmed:
            // The provider tells of a refund in its console again, until a query has confirmed it.
            break
        case .noticeNotStored(_, let why):
            world.fail(.unexpectedError, "a notice was not stored: \(why)")
        case .notRecovered(let number, let why):
            world.fail(.unexpectedError, "\(number) was not recovered: \(why)")
        case .notQueried(let trade, let why):
            world.fail(.unexpectedError, "\(trade) was not asked after: \(why)")
        case .notExpired(let number, let why):
            world.fail(.unexpectedError, "\(number) was not ended: \(why)")
        case .notSearched(let number, let why):
            world.fail(.unexpectedError, "\(number) was not searched: \(why)")
        case .notRefunded(let refund, let why):
            world.fail(.unexpectedError, "\(refund.number) was not asked for: \(why)")
        case .needsPerson(let channel, _) where world.books(channel).wasMisnamed || world.setting.wrongAmounts > 0:
            world.tally[.disputed] += 1
        case .needsPerson(let channel, let trade):
            world.fail(
                .unexpectedError, "\(channel) took money of \(trade) that a person has to look at: nobody paid so")
        case .brokenWord(let channel, let trade):
            world.fail(.unexpectedError, "\(channel) took money of \(trade) after its last word: it never does")
        case .recovered: world.tally[.recoveries] += 1
        case .pageMinted: world.tally[.mints] += 1
        case .pageRequested(.hit): world.tally[.hits] += 1
        case .pageRequested(.stale): world.tally[.remints] += 1
        case .pageRequested(.collapsed): world.tally[.joined] += 1
        case .duplicatePayment: world.tally[.duplicates] += 1
        case .latePayment: world.tally[.late] += 1
        case .returnedPayment: world.tally[.returned] += 1
        case .orderEntered(.paid, _): world.tally[.honest] += 1
        case .refund(_, .succeeded, _): world.tally[.refunds] += 1
        case .refund(_, .needsAttention, _): world.tally[.attention] += 1
        case .reconciliation(.lineNotQueried(_, let trade, let why)):
            world.fail(.unexpectedError, "\(trade) of a bill was not queried: \(why)")
        case .reconciliation(.notCompared(let channel, let why)):
            world.fail(.unexpectedError, "the bills of \(channel) were not compared: \(why)")
        case .reconciliation(.differenceOpened(let difference)):
            world.tally[.differences] += 1
            world.trace.write(
                world.now, process.name, "difference \(difference.finding.kind): \(difference.finding.subject)")
        case .pageRequested(.miss), .providerCall, .orderEntered, .notice, .noticeRefused, .refund, .delivery, .refused,
            .notSent, .attention, .backlog, .reconciliation:
            break
        }
    }
}
