import PayCore
import PayFlow

/// The bills of one provider, as they come to one process: late, in pieces, at first with mistakes, or not at all.
struct BillWire: BillSource {
    /// A provider has a day's bill this long after the day.
    private static let readyAfter = Duration.seconds(9 * 3_600)
    /// From then on a bill that was issued with a mistake is right.
    private static let rightAfter = Duration.seconds(2 * 86_400)
    /// A bill is refused or lost so often, at most.
    private static let mostTroubles = 3

    let process: ServiceProcess
    let books: Books

    func bill(
        of day: BillDay, _ take: @Sendable ([BillRow]) async throws -> Void
    ) async throws -> BillAnswer {
        let world = process.world
        let dice = world.dice
        let silence = BillAnswer.unknown(.unanswered(.timeout))
        guard process.isAlive, await process.wait(for: dice.duration(.milliseconds(20) ... .seconds(20))) else {
            return silence
        }
        let answer = try await answer(of: day, take)
        world.trace.write(world.now, process.name, "bill of \(day) at \(books.channel) → \(answer.spelled)")
        return process.diesNow("behind a bill") ? silence : answer
    }

    private func answer(
        of day: BillDay, _ take: @Sendable ([BillRow]) async throws -> Void
    ) async throws -> BillAnswer {
        let world = process.world
        let dice = world.dice
        guard world.now >= day.end + Self.readyAfter else { return .notReady(reason: "TOO_EARLY") }
        if books.troubles[day, default: 0] < Self.mostTroubles, dice.chance(world.setting.billTroubles) {
            books.troubles[day, default: 0] += 1
            return dice.pick([
                .notReady(reason: "BILL_NOT_READY"), .refused(reason: "NO_AUTH"), .unknown(.unanswered(.timeout)),
                .unknown(.answered(.unreadable)),
            ])
        }
        var bill = SimulatedBill(of: books, on: day, skew: books.billSkew)
        // Only bills with money of this world are wrong at first: the world waits until those are right.
        let hasMoney = !bill.rows.isEmpty
        if world.setting.hasStrangers { bill.addStrangers() }
        if hasMoney, world.now < day.end + Self.rightAfter, books.isSpoilt(day) {
            bill.spoil(Dice(seed: UInt64(bitPattern: day.start.milliseconds)))
        }
        world.tally[.bills] += 1
        if bill.rows.isEmpty, books.style.hasNoEmptyBills { return .noneThatDay }
        var rest = bill.rows[...]
        while !rest.isEmpty {
            let batch = Array(rest.prefix(dice.int(1...8)))
            rest = rest.dropFirst(batch.count)
            try await take(batch)
            if dice.chance(world.setting.billTroubles / 10), books.troubles[day, default: 0] < Self.mostTroubles {
                books.troubles[day, default: 0] += 1
                return .unknown(.unanswered(.connection))
            }
        }
        return .bill(BillFile(digest: bill.digest, rows: bill.rows.count))
    }
}
