import PayCore

// Another worker holds the lease of the order.
extension Opening {
    /// Another process or lease recovery holds the lease: waits a short while for its result, by reads alone.
    func waitForOther(_ progress: Progress) async throws -> PayResult {
        var begin = parts.clock.now()
        while true {
            guard let order = try await parts.reads.order(request.number) else {
                throw OrderVanished(number: request.number)
            }
            let now = parts.clock.now()
            // The clock may have been set back.
            begin = min(begin, now)
            let wish: PageWish
            switch parts.checkedWish(of: request, for: order, isNew: false, at: now) {
            case .failure(let refusal): return .refused(refusal)
            case .success(let checked): wish = checked
            }
            switch order.look(for: call(wish, progress, refusing: [], at: now), since: begin, at: now) {
            case .serve(let served):
                guard progress.wasFenced, let use = key(progress) else {
                    return answer(served, OrderSummary(order), progress, under: nil)
                }
                if let result = try await answerUsingUp(use, wish, progress, since: begin) { return result }
            case .refuse(let refusal): return .refused(refusal)
            case .ended: return .refused(.inProgress(retryAfter: .seconds(1)))
            case .atWork(let until) where now >= begin + FlowParts.patience:
                return .refused(.inProgress(retryAfter: until - now))
            case .atWork: try await parts.clock.sleep(for: FlowParts.lookEvery)
            }
        }
    }

    /// Serves the page of the holder that this work lost its lease to. The page is that of the attempt that the key was
    /// claimed for, and uses the key up. Nil if the page is no longer live.
    private func answerUsingUp(
        _ use: KeyUse, _ wish: PageWish, _ progress: Progress, since begin: Instant
    ) async throws -> PayResult? {
        let found = try await parts.decide(on: request.number) { order, now -> Decision<(ServedPage, OrderSummary)?> in
            let look = order.look(for: call(wish, progress, refusing: [], at: now), since: begin, at: now)
            guard case .serve(let served) = look else { return Decision(nil) }
            return Decision(
                (served, OrderSummary(order)), usingUp: use.record(served, order, progress.madeOrder, at: now))
        }
        return found.map { answer($0.0, $0.1, progress, under: use) }
    }
}
