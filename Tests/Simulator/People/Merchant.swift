import PayCore
import PayFlow

/// The merchant's back end and staff for one order. They ask for refunds, retry them, decide disputes, and sometimes
/// use the provider's console.
final class Merchant: @unchecked Sendable {
    let world: World
    let number: OrderNumber
    private var keys = 0
    /// The refund that each key and each number of ours led to.
    private var refundOf: [String: String] = [:]
    private var retriesPlanned: Set<String> = []
    /// How often each dispute was decided.
    var rulings: [TransactionID: Int] = [:]

    init(_ number: OrderNumber, in world: World) {
        self.world = world
        self.number = number
    }

    var dice: Dice { world.dice }
    var order: Order? { world.watch.orders[number] }

    func at(_ instant: Instant, _ action: @escaping () -> Void) {
        world.at(max(instant, world.now), isEssential: true) { [world] in
            world.stir()
            action()
        }
    }

    /// Plans acts that follow from a commit.
    func saw(_ order: Order, _ before: Order?) {
        if order.state.name == .paid, before?.state.name != .paid, dice.chance(world.setting.refunds) { planRefunds() }
        for recorded in order.receipts where recorded.standing == .disputed {
            if before?.receipts.contains(recorded) != true { planRuling(recorded.receipt) }
        }
        for (index, refund) in order.refunds.enumerated() {
            let earlier = before.flatMap { index < $0.refunds.count ? $0.refunds[index] : nil }
            if earlier?.state != refund.state { plan(after: refund) }
        }
    }

    /// A moment at which a shop gives money back: at once, soon, or days later.
    private func someTime() -> Instant {
        world.now
            + dice.weighted([
                (4, dice.duration(.zero ... .seconds(5))), (4, dice.duration(.zero ... .seconds(600))),
                (2, dice.duration(.zero ... .seconds(7_200))), (1, dice.duration(.zero ... .seconds(2 * 86_400))),
            ])
    }

    private func planRefunds() {
        for _ in 0..<dice.int(1...4) {
            let when = someTime()
            if dice.chance(world.setting.consoleRefunds * 0.4) {
                at(when) { [self] in useConsole() }
            } else {
                at(when) { [self] in askForRefund() }
                // Two of the shop's servers in the same moment.
                if dice.chance(0.3) { at(when) { [self] in askForRefund() } }
            }
        }
    }
}

extension Merchant {
    private func askForRefund() {
        guard let order, let payment = order.payment?.receipt else { return }
        let left = order.refundable
        // Often more than one of two that come at once may have.
        let part = max(1, Int64(Double(payment.amount) * dice.pick([0.2, 0.4, 0.6, 0.6, 1])))
        let amount: Int64? = dice.chance(0.2) ? nil : dice.chance(0.4) ? max(1, min(left, part)) : part
        let wish = RefundWish(
            number: dice.chance(0.3) ? nil : RefundNumber("back_\(dice.int(1...4))"), amount: amount,
            reason: dice.chance(0.3) ? RefundReason("the cup was cold") : nil,
            refundable: dice.chance(0.3) ? (dice.chance(0.8) ? left : payment.amount) : nil)
        keys += 1
        ask(wish, key: keys)
        // A shop whose call was cut off asks again.
        if dice.chance(0.15) {
            at(world.now + dice.duration(.zero ... .seconds(10))) { [self, keys] in ask(wish, key: keys) }
        }
    }

    private func ask(_ wish: RefundWish, key: Int) {
        guard let process = world.anyProcess() else {
            return at(world.now + .seconds(1)) { [self] in ask(wish, key: key) }
        }
        let spelled = wish.spelled
        let text = "refund_\(number)_\(key)"
        let use = IdempotencyKey(text).map {
            KeyUse(
                key: ScopedKey(scope: "merchant POST /v1/payments/\(number)/refunds", key: $0), fingerprint: spelled)
        }
        guard let use else { return }
        world.tally[.wishes] += 1
        world.trace.write(
            world.now, "merchant", "asks \(process.name) for a refund of \(number): \(spelled), key \(key)")
        world.call("refund of \(number)") { [self] in
            do {
                let result = try await process.flows.requestRefund(wish, of: number, under: use, by: .shop)
                guard process.isAlive else { throw Crashed() }
                world.trace.write(world.now, "merchant", "is told: \(result.spelled)")
                hear(result, wish, text)
            } catch is Crashed {
                at(world.now + dice.duration(.zero ... .seconds(5))) { [self] in ask(wish, key: key) }
            } catch {
                world.fail(.unexpectedError, "a refund of \(number) threw \(error)")
            }
        }
    }

    private func hear(_ result: RefundResult, _ wish: RefundWish, _ key: String) {
        switch result {
        case .stored(let refund, _, let isNews, let isReplay):
            world.tally[isNews && !isReplay ? .madeWishes : .knownWishes] += 1
            for name in [key] + (wish.number.map { ["number \($0)"] } ?? []) {
                let first = refundOf[name, default: refund.number]
                if first != refund.number {
                    world.fail(.oneRefundPerWish, "\(name) of \(number) is \(first), and \(refund.number)")
                }
                refundOf[name] = first
            }
            if refund.merchantNumber != wish.number || refund.money.amount != wish.amount ?? refund.money.amount {
                world.fail(.oneRefundPerWish, "\(wish.spelled) became \(refund.number) of \(refund.money)")
            }
        case .refused:
            world.tally[.refusedWishes] += 1
        case .noSuchOrder, .channelMissing, .keyReused:
            world.fail(.unexpectedError, "a refund of \(number) was answered: \(result.spelled)")
        }
    }

    /// Staff give a part of the payment back in the provider's console.
    private func useConsole() {
        guard let payment = order?.payment?.receipt else { return }
        let books = world.books(payment.channel)
        let amount = max(1, Int64(Double(payment.amount) * dice.pick([0.1, 0.3, 0.7])))
        guard let given = books.giveBackInConsole(amount, of: payment.tradeNumber, at: world.now) else { return }
        world.tally[.partialConsoleRefunds] += 1
        world.trace.write(
            world.now, "staff", "REFUND \(amount) of \(payment.tradeNumber) in the console of \(payment.channel)")
        world.tell(of: given, payment)
    }
}

extension Merchant {
    /// A refund that failed is retried by a person: always where the money should not have come, sometimes where the
    /// shop wanted it.
    private func plan(after refund: Refund) {
        switch refund.state {
        case .failed where refund.cause == .merchant ? dice.chance(0.5) : refund.cause.isOurs: break
        case .needsAttention where dice.chance(0.3): break
        case .pending, .submitted, .needsAttention, .succeeded, .failed: return
        }
        planRetry(of: refund.number, within: .seconds(3_600))
        if dice.chance(0.15) { planRetry(of: refund.number, within: .seconds(3_600)) }
    }

    private func planRetry(of refund: String, within longest: Duration) {
        at(world.now + dice.duration(.seconds(1)...longest)) { [self] in retry(refund) }
    }

    private func retry(_ refundNumber: String) {
        guard let refund = order?.refunds.first(where: { $0.number == refundNumber }), let order,
            let channel = order.channel(of: refund)
        else { return }
        // Staff see in the console that the money has gone back already.
        let kept = world.books(channel).trades[refund.tradeNumber]?.kept(at: world.now) ?? 0
        guard kept >= refund.money.amount else { return }
        guard let process = world.anyProcess() else { return planRetry(of: refundNumber, within: .seconds(5)) }
        world.tally[.retries] += 1
        world.trace.write(world.now, "operator", "retries \(refund.providerNumber) at \(process.name)")
        world.call("retry of \(refundNumber)") { [self] in
            do {
                let now = world.now
                let retried = try await process.flows.ledger.update(number, creating: nil, at: now) { order in
                    Decision(order.retryRefund(refundNumber, at: now))
                }
                world.trace.write(world.now, "operator", "is told: \(retried.map { "\($0)" } ?? "no such order")")
            } catch is Crashed {
                planRetry(of: refundNumber, within: .seconds(60))
            } catch {
                world.fail(.unexpectedError, "the retry of \(refundNumber) threw \(error)")
            }
        }
    }
}

extension RefundWish {
    fileprivate var spelled: String {
        let what = [
            number.map { "\($0)" }, amount.map { "\($0)" } ?? "the rest", reason?.text,
            refundable.map { "if \($0) is left" },
        ]
        return what.compactMap(\.self).joined(separator: ", ")
    }
}
