import PayCore

// A first pay call without a channel makes the order alone. The buyer chooses the channel on the checkout page.
extension Pay {
    /// The order of the draft, made by this call or before it, with its live page if it has one. No provider is called.
    ///
    /// - Parameter first: the read that found no live page.
    func begin(_ draft: Order, _ request: PayRequest, after first: PayLook) async throws -> PayResult {
        let known: Order?
        switch first.found {
        case .order(let found): known = found
        // The page has expired since it was read.
        case .page: known = try await parts.reads.order(draft.number)
        }
        if let known { return answer(known, to: request) }
        do {
            return try await make(draft, request)
        } catch let conflict as KeyConflict {
            return try await outcome(of: conflict, request)
        }
    }

    /// Makes the order and uses the key up, in one commit.
    private func make(_ draft: Order, _ request: PayRequest) async throws -> PayResult {
        let parts = parts
        let made = try await parts.decide(on: draft.number, creating: draft) { order, now -> Decision<Made> in
            if order.hasBegun { return Decision(.before(order)) }
            let fields = parts.unacceptable(order, at: now)
            guard fields.isEmpty else { return Decision(.refused(.unacceptable(fields))) }
            order.begin()
            return Decision(
                .now(OrderSummary(order)), usingUp: request.key?.record(order, rules: parts.rules, at: now))
        }
        switch made {
        case .now(let order):
            parts.observer.saw(.orderEntered(.new, draft.number))
            return .ordered(OrderedAnswer(order: order, madeOrder: true, isReplay: false, key: request.key))
        case .before(let order): return answer(order, to: request)
        case .refused(let refusal): return .refused(refusal)
        }
    }

    private enum Made: Sendable {
        case now(OrderSummary)
        /// Another call made the order in the meantime.
        case before(Order)
        case refused(PayRefusal)
    }

    private func answer(_ order: Order, to request: PayRequest) -> PayResult {
        let now = parts.clock.now()
        let refusal = request.refusal(for: OrderSummary(order)) ?? order.refusalToOpen(rules: parts.rules, at: now)
        return refusal.map { .refused($0) } ?? answer(order, to: request, madeOrder: false, isReplay: false, at: now)
    }

    /// The order as it is now. Precondition: the order can still be paid.
    func answer(_ order: Order, to request: PayRequest, madeOrder: Bool, isReplay: Bool, at now: Instant) -> PayResult {
        let summary = OrderSummary(order)
        let key = isReplay ? request.key : nil
        guard let wish = parts.wish(of: request, for: order), let served = order.livePage(for: wish, at: now) else {
            return .ordered(OrderedAnswer(order: summary, madeOrder: madeOrder, isReplay: isReplay, key: key))
        }
        return .served(
            PayAnswer(
                order: summary, served: served, origin: .hit, madeOrder: madeOrder, isReplay: isReplay, key: key))
    }
}

extension FlowParts {
    /// The particulars of a draft with which no channel in service could take its first payment now.
    fileprivate func unacceptable(_ draft: Order, at now: Instant) -> [UnacceptableField] {
        let code = draft.money.currency.code
        let trades = terms.filter { $0.currencies?.contains(code) ?? true }.flatMap(\.trades.values)
        guard !trades.isEmpty else {
            return [.init(pointer: "/currency", detail: "no channel in service accepts this currency")]
        }
        let lives = trades.map { rules.shortestLife(of: draft, trade: $0, at: now) }
        guard let shortest = lives.compactMap(\.self).min(), !lives.contains(nil) else { return [] }
        return [.init(pointer: "/expires_in", detail: "must be at least \(shortest.secondsToWait) seconds")]
    }

    /// The terms of the channels in service, paused ones included.
    private var terms: [ProviderTerms] {
        providers.channels.filter { !acceptance.isSwitchedOff($0) }.compactMap { providers[$0]?.terms }
    }
}

extension KeyUse {
    /// The record of a key that an order without an attempt uses up.
    fileprivate func record(_ order: Order, rules: PayRules, at now: Instant) -> KeyRecord {
        KeyRecord(
            use: self, outcome: .order(order.number), madeOrder: true,
            expiresAt: max(now + KeyRecord.shortestLife, rules.deadlines.providerDeadline(of: order.deadline)))
    }
}
