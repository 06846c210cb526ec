import PayCore

extension FlowParts {
    /// The page that is asked for. Omitted particulars are the live attempt's, or else the last one's. The result holds
    /// for the given state of the order alone: another call may switch it later.
    func wish(of request: PayRequest, for order: Order) -> PageWish? {
        let model = order.liveAttempt ?? order.attempts.last
        guard let channel = request.variant.channel ?? model?.channel,
            let terminal = request.variant.terminal ?? model?.request.terminal
        else { return nil }
        let inherited = model.flatMap { knowsPayer($0, on: terminal, of: channel) ? $0.request.payer.openID : nil }
        let openID = request.variant.openID ?? inherited ?? ""
        let bound = providers[channel]?.terms.bound(openID, on: terminal) ?? openID
        return PageWish(channel: channel, terminal: terminal, openID: bound, fresh: request.fresh)
    }

    /// Whether an attempt's payer is one for this terminal. An openid belongs to one app: an open trade keeps its own,
    /// and another trade may belong to another app.
    func knowsPayer(_ attempt: Attempt, on terminal: Terminal, of channel: Channel) -> Bool {
        guard attempt.channel == channel else { return false }
        if attempt.state.name.isLive, attempt.request.terminal == terminal { return true }
        return attempt.request.appID == providers[channel]?.appID(for: terminal)
    }

    /// The same, or the refusal that needs no provider. `isNew`: the order is a draft.
    func checkedWish(
        of request: PayRequest, for order: Order, isNew: Bool, at now: Instant
    ) -> Result<PageWish, PayRefusal> {
        if !isNew {
            let refusal = request.refusal(for: OrderSummary(order)) ?? order.refusalToOpen(rules: rules, at: now)
            if let refusal { return .failure(refusal) }
        }
        if let replayed = request.replayed, !order.mayStillServe(replayed) { return .failure(.pageSuperseded) }
        guard let wish = wish(of: request, for: order) else {
            return .failure(.unacceptable(request.variant.missingParticulars))
        }
        guard let terms = providers[wish.channel]?.terms, let trade = terms.trades[wish.terminal] else {
            return .failure(.channelUnavailable)
        }
        let fields = terms.unacceptable(
            wish, from: request.clientIP, for: order, isFirst: isNew, trade: trade, rules: rules, at: now)
        return fields.isEmpty ? .success(wish) : .failure(.unacceptable(fields))
    }
}

extension PayRequest {
    /// The refusal of a caller who may not have this order; nil otherwise.
    func refusal(for order: OrderSummary) -> PayRefusal? {
        if let userID, userID != order.userID { return .noSuchOrder }
        if let draft, !order.agrees(with: draft) { return .orderMismatch }
        return nil
    }
}

extension PageVariant {
    /// The omitted particulars that an order without attempts can't fill in.
    fileprivate var missingParticulars: [UnacceptableField] {
        [(channel == nil, "/channel"), (terminal == nil, "/terminal")].compactMap { isMissing, pointer in
            isMissing ? .init(pointer: pointer, detail: "is required before the first attempt") : nil
        }
    }
}

extension ProviderTerms {
    /// All particulars that break a rule of this channel.
    fileprivate func unacceptable(
        _ wish: PageWish, from clientIP: String?, for order: Order, isFirst: Bool, trade: TradeTerms, rules: PayRules,
        at now: Instant
    ) -> [UnacceptableField] {
        var fields: [UnacceptableField] = []
        if let currencies, !currencies.contains(order.money.currency.code) {
            fields.append(.init(pointer: "/currency", detail: "\(wish.channel) does not accept this currency"))
        }
        if terminalsThatNeedOpenID.contains(wish.terminal), wish.openID.isEmpty {
            fields.append(.init(pointer: "/payer/openid", detail: "is required for the terminal \(wish.terminal)"))
        }
        if terminalsThatNeedClientIP.contains(wish.terminal), clientIP == nil, order.storedAddress(for: wish) == nil {
            let detail = "is required for the terminal \(wish.terminal)"
            fields.append(.init(pointer: "/payer/client_ip", detail: detail))
        }
        if isFirst, let shortest = rules.shortestLife(of: order, trade: trade, at: now) {
            let seconds = shortest.secondsToWait
            fields.append(.init(pointer: "/expires_in", detail: "must be at least \(seconds) seconds"))
        }
        return fields
    }
}
