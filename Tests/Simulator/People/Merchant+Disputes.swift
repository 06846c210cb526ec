import PayCore
import PayFlow

extension Merchant {
    /// A person looks at a dispute: always where it would not end by itself.
    func planRuling(_ receipt: Receipt) {
        let endsByItself = !receipt.namesOurAccount && world.books(receipt.channel).isPaidRight(receipt)
        guard !endsByItself || dice.chance(world.setting.rulings) else { return }
        decideSometime(receipt, dice.pick(DisputeVerdict.allCases))
        // Two people, or one who presses twice: now and then in the same moment.
        guard dice.chance(0.5) else { return }
        let isSame = dice.chance(0.5)
        let when = world.now + dice.duration(.seconds(1) ... .seconds(1_800))
        for _ in 0..<2 {
            at(when + (isSame ? .zero : dice.duration(.zero ... .seconds(60)))) { [self] in
                decide(receipt, dice.pick(DisputeVerdict.allCases))
            }
        }
    }

    private func decideSometime(_ receipt: Receipt, _ verdict: DisputeVerdict) {
        let longest: Duration = dice.chance(0.5) ? .seconds(60) : .seconds(7_200)
        at(world.now + dice.duration(.milliseconds(10)...longest)) { [self] in decide(receipt, verdict) }
    }

    private func decide(_ receipt: Receipt, _ verdict: DisputeVerdict) {
        guard let process = world.anyProcess(), let why = RulingReason("looked at it") else {
            return decideSometime(receipt, verdict)
        }
        let payment = receipt.transactionID
        world.trace.write(world.now, "operator", "decides about \(payment) at \(process.name): \(verdict.rawValue)")
        world.call("ruling on \(payment)") { [self] in
            do {
                let result = try await process.flows.decideDispute(
                    DisputeRuling(verdict, by: Actor.staff.name, reason: why), on: payment, of: number, by: .staff)
                world.trace.write(world.now, "operator", "is told: \(result.spelled)")
                hear(result, receipt)
            } catch is Crashed {
                decideSometime(receipt, verdict)
            } catch {
                world.fail(.unexpectedError, "the ruling on \(payment) threw \(error)")
            }
        }
    }

    private func hear(_ result: DisputeResult, _ receipt: Receipt) {
        let payment = receipt.transactionID
        switch result {
        case .decided(.accepted, _), .decided(.refunded, _):
            world.tally[.rulings] += 1
            rulings[payment, default: 0] += 1
            if let count = rulings[payment], count > 1 { world.fail(.decidedOnce, "\(payment): \(count) times") }
        case .decided(.refused(.notDisputed), _):
            world.tally[.lateRulings] += 1
        case .decided(.refused(.alreadyReturned), _):
            decideSometime(receipt, .accept)
        case .decided(.refused(.noSuchReceipt), _), .decided(.refused(.notRefundable), _), .noSuchOrder:
            world.fail(.unexpectedError, "the ruling on \(payment) was answered: \(result.spelled)")
        }
    }
}

extension Books {
    /// Whether the payment is of the trade's amount.
    fileprivate func isPaidRight(_ receipt: Receipt) -> Bool {
        trades[receipt.tradeNumber]?.body.money.amount == receipt.amount
    }
}
