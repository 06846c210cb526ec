import PayCore

/// Queries a trade, and settles its money if the provider has any.
struct SettleByQuery: Sendable {
    let parts: FlowParts

    /// The doubt of the query; nil if the provider answered.
    func run(_ attempt: Attempt) async throws -> Doubt? {
        let answer = await ProviderCalls(parts: parts).query(attempt)
        guard case .paid(let receipt) = answer else { return answer.doubt }
        do {
            let action = try await parts.decide(on: attempt.number.order) { order, now in
                let action = try order.settle(receipt, at: now)
                guard action != .alreadyRecorded else { return Decision(action) }
                return Decision(action, noting: [.called(.query, attempt.number, answer: answer.words)])
            }
            parts.observer.saw(action.observations(attempt.channel, attempt.number))
        } catch let foreign as PaymentOfAnotherTrade {
            parts.observer.saw(.needsPerson(foreign.channel, trade: attempt.number.text))
        }
        return nil
    }
}
