import PayCore

/// Takes in a refund that Paypage did not request, once the provider has confirmed it.
struct TakeInRefund: Sendable {
    let parts: FlowParts

    /// Nil if the provider knows no such refund, or if the refund moved no money.
    ///
    /// Throws ``ForeignRefundUnconfirmed`` if the provider's answer is not known.
    @discardableResult
    func run(_ number: String, of attempt: Attempt, payment: TransactionID) async throws -> TakeInOutcome? {
        let foreign: ForeignRefund
        switch await ProviderCalls(parts: parts).findRefund(number, of: attempt, payment: payment) {
        case .found(let found): foreign = found
        case .noSuchRefund: return nil
        case .unknown(let doubt): throw ForeignRefundUnconfirmed(doubt)
        }
        let outcome = try await parts.decide(on: attempt.number.order) { order, now in
            Decision(order.takeIn(foreign, at: now))
        }
        switch outcome {
        case .takenIn(let refund): parts.observer.saw(.refund(attempt.channel, refund.state, attempt.number))
        case .known(let outcome): parts.observer.saw(outcome.observations(attempt.channel, attempt.number))
        case .unknownPayment: break
        case .otherRefund: parts.observer.saw(.needsPerson(attempt.channel, trade: attempt.number.text))
        }
        return outcome
    }
}

/// The provider did not confirm a refund that was made in its console.
struct ForeignRefundUnconfirmed: Error, CustomStringConvertible {
    let description: String

    init(_ doubt: Doubt) {
        description = "the provider's answer is unknown: \(doubt.reason.text)"
    }

    private init(description: String) {
        self.description = description
    }

    static let notShownYet = ForeignRefundUnconfirmed(description: "the provider does not show the refund yet")
}
