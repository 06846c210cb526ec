public import PayCore

extension Reconcile {
    /// Compares every line without a partner, and all booked money that newly loaded bills should have. `progress` gets
    /// the number of lines so far.
    public func compare(
        _ channel: Channel, progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws {
        try await deleteStaleRows(of: channel)
        let uncompared = try await store.uncomparedBills(of: channel)
        try await compareLines(of: channel, progress)
        try await compareBooked(of: channel, since: uncompared.map(\.day).min())
        for bill in uncompared { try await store.finishComparing(bill, at: parts.clock.now()) }
    }

    /// Rows of a fetch that did not finish would never count, and need room.
    func deleteStaleRows(of channel: Channel) async throws {
        while try await store.deleteStaleRows(of: channel, limit: Self.batch) { try Task.checkCancellation() }
    }

    private func compareLines(of channel: Channel, _ progress: @escaping @Sendable (Int) -> Void) async throws {
        var place: LinePlace?
        var compared = 0
        repeat {
            try Task.checkCancellation()
            let result = try await store.compareLines(
                of: channel, behind: place, limit: Self.batch, foreign: foreign, at: parts.clock.now())
            tell(result.opened)
            try await ask(result.questions, of: channel)
            compared += result.compared
            progress(compared)
            place = result.next
        } while place != nil
    }

    /// A day's bill concerns the booked money of the day before, and of later days up to the last bill: refunds take
    /// days. Money that the books learned of late has a day that was compared before.
    private func compareBooked(of channel: Channel, since first: BillDay?) async throws {
        guard let first, let last = try await store.lastBillDay(of: channel),
            let firstBill = try await store.firstBillDay(of: channel)
        else { return }
        for kind in BookedKind.allCases {
            var day = max(firstBill, min(first.previous, last.days(before: kind.daysLate)))
            while day <= last {
                try await compareBooked(kind, of: channel, on: day)
                day = day.next
            }
        }
    }

    private func compareBooked(_ kind: BookedKind, of channel: Channel, on day: BillDay) async throws {
        var place: BookedPlace?
        repeat {
            try Task.checkCancellation()
            let result = try await store.compareBooked(
                kind, of: channel, on: day, behind: place, limit: Self.batch, at: parts.clock.now())
            tell(result.opened)
            place = result.next
        } while place != nil
    }

    // MARK: Questions

    /// Queries the provider about lines without a partner, and compares the lines again.
    private func ask(_ lines: [QuestionedLine], of channel: Channel) async throws {
        let byQuestion = Dictionary(grouping: lines, by: \.question)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, entry) in byQuestion.enumerated() {
                if index >= Self.questionsAtATime { try await group.next() }
                group.addTask {
                    let progress = try await progress(on: entry.key, at: channel)
                    let opened = try await store.compareLines(
                        entry.value.map(\.place), of: channel, after: progress, foreign: foreign, at: parts.clock.now())
                    tell(opened)
                }
            }
            try await group.waitForAll()
        }
    }

    /// An order that can't be queried leaves its lines unanswered, and does not stop the lines of other orders.
    private func progress(on question: BillQuestion, at channel: Channel) async throws -> QuestionProgress {
        do {
            return try await ask(question, at: channel)
        } catch let error as CancellationError {
            throw error
        } catch let outage as LedgerUnavailable {
            throw outage
        } catch {
            saw(.lineNotQueried(channel, question.tradeNumber, why: String(describing: error)))
            return .unanswered
        }
    }

    private func ask(_ question: BillQuestion, at channel: Channel) async throws -> QuestionProgress {
        guard let order = try await parts.reads.order(question.tradeNumber.order),
            let attempt = order.attempt(question.tradeNumber), attempt.channel == channel
        else { return .answered }
        switch question {
        case .trade:
            return try await query(attempt)
        case .refund(let number, _):
            guard let refund = order.refunds.first(where: { $0.number == number }) else { return .answered }
            return try await follow(refund, order, of: attempt)
        case .foreignRefund(let line, _):
            return try await find(line, order, of: attempt)
        }
    }

    /// Settles money that no notice and no query told of, once a query confirms it.
    private func query(_ attempt: Attempt) async throws -> QuestionProgress {
        try await SettleByQuery(parts: parts).run(attempt) == nil ? .answered : .unanswered
    }

    /// Queries a refund of ours whose line tells another outcome. The line is a report like a notice: it is not
    /// believed, and the query may revoke a success.
    private func follow(_ refund: Refund, _ order: Order, of attempt: Attempt) async throws -> QuestionProgress {
        let (channel, rules) = (attempt.channel, parts.rules)
        _ = try await parts.decide(on: order.number) { order, now in
            let heard = order.hearOfRefund(refund.providerNumber, .closed(reason: "bill"), from: channel, at: now)
            // The claim tells the answer to this query from an answer to an earlier one.
            if refund.state == .succeeded { _ = order.beginRefund(refund.number, rules: rules, at: now) }
            return Decision(heard)
        }
        let paid = order.receipts.first { $0.receipt.transactionID == refund.transactionID }?.receipt.money
        let request = RefundRequest(refund, of: paid ?? refund.money)
        let answer = await ProviderCalls(parts: parts).follow(request, at: channel)
        let outcome = try await parts.decide(on: order.number) { order, now in
            let outcome = order.finishRefund(refund.number, answer, askedAs: request.number, at: now)
            // The same answer comes with each comparison until a person decides.
            guard order.refunds.first(where: { $0.number == refund.number })?.state != refund.state else {
                return Decision(outcome)
            }
            return Decision(outcome, noting: [.called(.refund, refund.tradeNumber, answer: answer.words)])
        }
        parts.observer.saw(outcome.observations(channel, attempt.number))
        return answer.doubt == nil ? .answered : .unanswered
    }

    /// Takes in a refund that was made in the provider's console. Its payment is settled first.
    private func find(_ line: BillLine, _ order: Order, of attempt: Attempt) async throws -> QuestionProgress {
        guard let number = line.numberAtProvider else { return .answered }
        var payment = order.payment(of: line, attempt)
        if payment == nil {
            guard try await query(attempt) == .answered else { return .unanswered }
            payment = try await parts.reads.order(order.number)?.payment(of: line, attempt)
        }
        guard let payment else { return .answered }
        do {
            try await TakeInRefund(parts: parts).run(number, of: attempt, payment: payment)
            return .answered
        } catch is ForeignRefundUnconfirmed {
            return .unanswered
        }
    }

    private func tell(_ opened: [OpenedDifference]) {
        for difference in opened { saw(.differenceOpened(difference)) }
    }
}

extension Order {
    /// The payment that a refund's line is about: the one that it names, or the only one of its trade.
    fileprivate func payment(of line: BillLine, _ attempt: Attempt) -> TransactionID? {
        let ofTrade = receipts.map(\.receipt).filter {
            $0.tradeNumber == attempt.number && $0.channel == attempt.channel
        }
        if let named = ofTrade.first(where: { $0.transactionID.text == line.transactionID }) {
            return named.transactionID
        }
        return ofTrade.count == 1 ? ofTrade[0].transactionID : nil
    }
}
