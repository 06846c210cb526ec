package import PayCore

extension DeliveryStep {
    /// The state of the message after this step.
    package var state: DeliveryState {
        switch self {
        case .delivered: .delivered
        case .again: .pending
        case .parked: .parked
        }
    }

    /// The earliest instant at which the message, or the message behind it, may be sent.
    package func nextAt(_ now: Instant) -> Instant {
        switch self {
        case .delivered, .parked: now
        case .again(let at): at
        }
    }
}

extension DeliveryAnswer {
    /// The most characters of an answer that are stored: a longer text says no more.
    package static let longestStored = 200
}

extension OrderEvent.Kind {
    /// Whether the message carries a refund's particulars.
    package var isOfRefund: Bool {
        switch self {
        case .refundSucceeded, .refundFailed, .refundNeedsAttention: true
        case .orderPaid, .orderClosed, .orderExpired, .paymentDuplicate, .paymentLate, .paymentReturned,
            .paymentDisputed, .reconciliationDifference:
            false
        }
    }
}
