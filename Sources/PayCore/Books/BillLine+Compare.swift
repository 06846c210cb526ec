extension BillLine {
    /// Compares the line with the books. The only place that decides about a line.
    public func compared(with context: LineContext) -> LineVerdict {
        let comparison = LineComparison(line: self, context: context)
        if context.isRepeated { return comparison.repetition }
        return switch kind {
        case .payment: comparison.payment
        case .refund: comparison.refund
        }
    }

    /// The subject of a line that has no partner in the books.
    public var subject: DifferenceSubject {
        let subject: DifferenceSubject =
            switch kind {
            case .payment: transactionID.map(DifferenceSubject.payment) ?? .trade(tradeNumber)
            case .refund: .refund(numberAtProvider ?? "", of: tradeNumber)
            }
        return status == .failed ? subject.failed : subject
    }

    /// The number that the provider is queried about a refund by; nil if the bill tells none.
    public var numberAtProvider: String? { refundNumber ?? providerRefundID }
}

/// The comparison of one line.
private struct LineComparison {
    let line: BillLine
    let context: LineContext

    /// The attempt that the line names, at any channel; nil without one.
    private var namedAttempt: Attempt? {
        let trade =
            TradeNumber(line.tradeNumber) ?? tradeOfPayment ?? line.refundNumber.flatMap { OwnRefundNumber($0)?.trade }
        return trade.flatMap { context.order?.attempt($0) }
    }

    /// The attempt at this channel that the line names; nil without one.
    private var attempt: Attempt? {
        namedAttempt.flatMap { $0.channel == context.channel ? $0 : nil }
    }

    /// The trade of the payment that the line names. Stripe's line of a refund from the dashboard names no trade.
    private var tradeOfPayment: TradeNumber? {
        context.order?.receipts.first { $0.receipt.transactionID.text == line.transactionID }?.receipt.tradeNumber
    }

    /// A second row about money that moved once in the books: more money moved than the books have. It is a difference
    /// at once, because the first row has their only partner.
    var repetition: LineVerdict {
        guard receipt != nil || bookedRefund != nil || isOurs else { return .foreign }
        let kind: DifferenceKind = line.kind == .payment ? .missingHere : .refundMissingHere
        return .difference(finding(kind, line.subject.repeated(in: line.row, of: context.day), here: nil))
    }

    // MARK: Payments

    var payment: LineVerdict {
        if let partner = receipt { return comparison(with: partner) }
        // Nothing moved, and nothing is booked.
        if line.status == .failed { return context.order == nil ? .foreign : .matched(line.subject) }
        guard isOurs else { return .foreign }
        return missing(.missingHere, asking: attempt.map { .trade($0.number) })
    }

    /// The receipt of the same payment. A line without the provider's number names its payment by the trade alone, as
    /// far as the trade has one payment.
    private var receipt: RecordedReceipt? {
        let receipts = context.order?.receipts.filter { $0.receipt.channel == context.channel } ?? []
        if let transactionID = line.transactionID {
            return receipts.first { $0.receipt.transactionID.text == transactionID }
        }
        let ofTrade = receipts.filter { $0.receipt.tradeNumber.text == line.tradeNumber }
        return ofTrade.count == 1 ? ofTrade[0] : nil
    }

    private func comparison(with partner: RecordedReceipt) -> LineVerdict {
        let receipt = partner.receipt
        let subject = DifferenceSubject.payment(receipt.transactionID.text)
        if line.status == .failed {
            // The provider took the money back. Returned money is booked as that.
            if partner.standing == .returned { return .matched(subject.failed) }
            return .difference(finding(.status, subject.failed, here: BookedMoney(partner)))
        }
        guard receipt.amount == line.amount, receipt.currencyCode.uppercased() == line.currencyCode.uppercased() else {
            return .difference(finding(.amount, subject, here: BookedMoney(partner)))
        }
        return .matched(subject)
    }

    // MARK: Refunds

    var refund: LineVerdict {
        if let partner = bookedRefund { return comparison(with: partner) }
        if line.status == .failed { return context.order == nil ? .foreign : .matched(line.subject) }
        guard isOurs else { return .foreign }
        if wasReturnedBefore { return .matched(line.subject) }
        return missing(.refundMissingHere, asking: attempt.map { .foreignRefund(line, of: $0.number) })
    }

    private var bookedRefund: Refund? {
        guard let order = context.order, let number = line.numberAtProvider,
            let refund = order.refund(providerNumber: number),
            order.attempt(refund.tradeNumber)?.channel == context.channel
        else { return nil }
        return refund
    }

    /// Money that had gone back before we learned of the payment has no refund in the books.
    private var wasReturnedBefore: Bool {
        context.order?.receipts.contains { recorded in
            recorded.standing == .returned && recorded.receipt.channel == context.channel
                && recorded.receipt.tradeNumber.text == line.tradeNumber && line.amount <= recorded.receipt.amount
        } ?? false
    }

    private func comparison(with partner: Refund) -> LineVerdict {
        let whole = DifferenceSubject.refund(line.numberAtProvider ?? "", of: partner.tradeNumber.text)
        let subject = line.status == .failed ? whole.failed : whole
        let here = BookedMoney(partner)
        guard
            line.status == .failed
                || (partner.money.amount == line.amount
                    && partner.money.currency.code == line.currencyCode.uppercased())
        else { return .difference(finding(.refundAmount, subject, here: here)) }
        if agrees(with: partner) { return .matched(subject) }
        return missing(
            .status, subject, here: here, asking: .refund(number: partner.number, of: partner.tradeNumber))
    }

    /// An accepted refund may end in any way. A refund that failed after it had succeeded has a line for each. A refund
    /// that was given another number moved no money under the number before.
    private func agrees(with refund: Refund) -> Bool {
        let isPresent = line.numberAtProvider == refund.providerNumber
        switch line.status {
        case .accepted: return true
        case .succeeded where isPresent:
            return refund.state == .succeeded || (refund.state == .failed && context.hasFailedLine)
        case .succeeded: return context.hasFailedLine
        case .failed: return !isPresent || refund.state == .failed
        }
    }

    // MARK: Lines without a partner

    /// Whether the line is about an order of ours, or about an order that the database may have lost.
    ///
    /// Two channels may share one account, as two applications of one merchant do at Alipay. Money that the books have
    /// at the other channel is compared with that channel's bill. Without a receipt there, the money is missing.
    private var isOurs: Bool {
        if let namedAttempt { return namedAttempt.channel == context.channel || !isBooked(elsewhere: namedAttempt) }
        if context.order != nil { return true }
        guard context.foreign == .report, let number = TradeNumber(line.tradeNumber) else { return false }
        return number.sequence <= PayRules.mostAttempts
    }

    /// Whether the books have the line's payment, or its refund, at the attempt's channel.
    private func isBooked(elsewhere attempt: Attempt) -> Bool {
        guard let order = context.order else { return false }
        if let number = line.numberAtProvider, order.refund(providerNumber: number) != nil { return true }
        return order.receipts.contains { recorded in
            let receipt = recorded.receipt
            guard receipt.channel == attempt.channel else { return false }
            guard let transactionID = line.transactionID else { return receipt.tradeNumber == attempt.number }
            return receipt.transactionID.text == transactionID
        }
    }

    /// A line whose partner is missing waits for the next day's bill. The provider is queried first.
    private func missing(
        _ kind: DifferenceKind, _ subject: DifferenceSubject? = nil, here: BookedMoney? = nil,
        asking question: BillQuestion?
    ) -> LineVerdict {
        let subject = subject ?? line.subject
        if let question, context.progress == .notAsked { return .ask(question) }
        switch context.lateness {
        case .inTime: return .waiting(subject)
        case .overdue where question != nil && context.progress == .unanswered: return .waiting(subject)
        case .overdue, .longOverdue: return .difference(finding(kind, subject, here: here))
        }
    }

    private func finding(
        _ kind: DifferenceKind, _ subject: DifferenceSubject, here: BookedMoney?
    ) -> DifferenceFinding {
        DifferenceFinding(
            kind, subject, day: context.day, order: context.order?.number, tradeNumber: line.tradeNumber,
            transactionID: line.transactionID, refundNumber: line.numberAtProvider, here: here,
            there: BookedMoney(line))
    }
}
