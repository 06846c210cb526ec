import PayCore
import PayProviders

/// A trade in the sandbox's books.
struct SandboxTrade: Hashable, Sendable {
    let particulars: SandboxWire.TradeParticulars
    /// The number of create requests processed.
    private(set) var creates = 0
    private var phase = Phase.unpaid
    private(set) var refunds: [SandboxRefund] = []

    /// Nil if the parameters are invalid.
    init?(_ particulars: SandboxWire.TradeParticulars) {
        guard particulars.areSound else { return nil }
        self.particulars = particulars
    }

    private enum Phase: Hashable {
        /// Ends by a payment, a close, or its deadline, which closes it silently.
        case unpaid
        /// Closed by a client. Final.
        case closed
        /// Paid. Only refunds can follow.
        case paid(SandboxWire.Payment)
    }

    var number: String { particulars.tradeNumber }

    var payment: SandboxWire.Payment? {
        if case .paid(let payment) = phase { payment } else { nil }
    }

    var refunded: Int64 { refunds.reduce(0) { $0 + $1.amount } }

    func state(at now: Instant) -> SandboxWire.TradeState {
        switch phase {
        case .unpaid: now.milliseconds < particulars.expiresAtMS ? .unpaid : .closed
        case .closed: .closed
        case .paid: refunded == particulars.amount ? .refunded : .paid
        }
    }

    /// Processes a create for this trade, also a repeated one.
    mutating func open(_ asked: SandboxWire.TradeParticulars, at now: Instant) -> SandboxWire.Code {
        guard asked == particulars else { return .parameterChanged }
        switch state(at: now) {
        case .unpaid:
            creates += 1
            return .success
        case .paid, .refunded: return .alreadyPaid
        case .closed: return .orderClosed
        }
    }

    mutating func close(at now: Instant) -> SandboxWire.Code {
        switch state(at: now) {
        case .unpaid, .closed:
            phase = .closed
            return .success
        case .paid, .refunded: return .alreadyPaid
        }
    }

    /// `atThePrompt` simulates a buyer who was at the password prompt before the close or the deadline, and finishes
    /// afterwards. Providers allow that.
    mutating func pay(
        atThePrompt: Bool = false, numberedBy makeTransactionID: () -> String, at now: Instant
    ) -> PayResult {
        switch state(at: now) {
        case .unpaid,
            .closed where atThePrompt:
            let payment = SandboxWire.Payment(
                transactionID: makeTransactionID(), amount: particulars.amount, currency: particulars.currency,
                paidAtMS: now.milliseconds)
            phase = .paid(payment)
            return .paid(payment)
        case .paid: return .alreadyPaid
        case .closed, .refunded: return .over
        }
    }

    enum PayResult: Hashable {
        case paid(SandboxWire.Payment)
        /// A repeated payment. Nothing changes, and no notice is sent.
        case alreadyPaid
        /// The trade takes no money any more.
        case over
    }

    mutating func refund(_ asked: SandboxWire.Refund, at now: Instant) -> RefundResult {
        if let known = refunds.first(where: { $0.number == asked.refundNumber }) {
            return known.amount == asked.amount && names(asked) ? .known(known) : .refused(.parameterChanged)
        }
        guard payment != nil else { return .refused(.notPaid) }
        guard names(asked), asked.amount > 0 else { return .refused(.invalidParameter) }
        guard asked.amount <= particulars.amount - refunded else { return .refused(.refundTooLarge) }
        let refund = SandboxRefund(number: asked.refundNumber, amount: asked.amount, at: now)
        refunds.append(refund)
        return .made(refund)
    }

    enum RefundResult: Hashable {
        case made(SandboxRefund)
        /// A repeat of a known refund.
        case known(SandboxRefund)
        case refused(SandboxWire.Code)
    }

    /// The refund of a part of the payment, or of all that is left, that a person makes. Nil if it is not possible.
    mutating func refundByHand(_ amount: Int64?, numbered number: String, at now: Instant) -> SandboxRefund? {
        let left = payment == nil ? 0 : particulars.amount - refunded
        let amount = amount ?? left
        guard amount > 0, amount <= left, !refunds.contains(where: { $0.number == number }) else { return nil }
        let refund = SandboxRefund(number: number, amount: amount, at: now)
        refunds.append(refund)
        return refund
    }

    func refund(_ name: SandboxWire.RefundName) -> SandboxRefund? {
        guard payment?.transactionID == name.transactionID else { return nil }
        return refunds.first { $0.number == name.refundNumber }
    }

    /// Whether the refund names this trade's payment.
    private func names(_ asked: SandboxWire.Refund) -> Bool {
        payment?.transactionID == asked.transactionID && particulars.currency == asked.currency
    }
}

/// A refund of a trade.
struct SandboxRefund: Hashable, Sendable {
    let number: String
    let amount: Int64
    let at: Instant
}

extension SandboxWire.TradeParticulars {
    /// The longest number and subject that the sandbox accepts, similar to most providers.
    private static let longestNumber = 64
    private static let longestSubject = 256

    fileprivate var areSound: Bool {
        Channel(channel) != nil && Currency(currency).flatMap { Money(amount: amount, currency: $0) } != nil
            && (1...Self.longestNumber).contains(tradeNumber.utf8.count)
            && tradeNumber.utf8.allSatisfy(\.isASCIIWord)
            && (1...Self.longestSubject).contains(subject.count)
            && notifyURL.isWebAddress && returnURL.map(\.isWebAddress) != false
    }
}

extension String {
    /// Whether it is an absolute http or https URL.
    var isWebAddress: Bool {
        WebAddress(self) != nil
    }
}
