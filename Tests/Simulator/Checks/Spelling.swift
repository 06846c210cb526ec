import PayCore
import PayFlow

/// Answers as a trace tells of them: short, and the same in every run.
protocol Spelled {
    var spelled: String { get }
}

extension CreateAnswer: Spelled {
    var spelled: String {
        switch self {
        case .made(let page): "made \(page.content)"
        case .refused(let reason): "refused: \(reason)"
        case .notSent(let reason, _): "not sent: \(reason)"
        case .unknown(let doubt): doubt.spelled
        case .alreadyPaid: "already paid"
        case .alreadyClosed: "already closed"
        }
    }
}

extension QueryAnswer: Spelled {
    var spelled: String {
        switch self {
        case .paid(let receipt): "paid by \(receipt.transactionID)"
        case .unpaid: "unpaid"
        case .closed: "closed"
        case .noSuchTrade: "no such trade"
        case .unknown(let doubt): doubt.spelled
        }
    }
}

extension CloseAnswer: Spelled {
    var spelled: String {
        switch self {
        case .accepted: "accepted"
        case .alreadyPaid: "already paid"
        case .noSuchTrade: "no such trade"
        case .tooEarly: "too early"
        case .refused(let reason): "refused: \(reason)"
        case .unknown(let doubt): doubt.spelled
        }
    }
}

extension RefundAnswer: Spelled {
    var spelled: String {
        switch self {
        case .succeeded: "succeeded"
        case .submitted: "submitted"
        case .held(let error): "held: \(error.code)"
        case .refused(let reason): "refused: \(reason)"
        case .closed(let reason): "closed: \(reason)"
        case .noSuchRefund: "no such refund"
        case .unknown(let doubt): doubt.spelled
        }
    }
}

extension ForeignRefundAnswer: Spelled {
    var spelled: String {
        switch self {
        case .found(let refund): "\(refund.money), \(refund.refundedAt == nil ? "on its way" : "arrived")"
        case .noSuchRefund: "no such refund"
        case .unknown(let doubt): doubt.spelled
        }
    }
}

extension RefundResult: Spelled {
    var spelled: String {
        switch self {
        case .stored(let refund, _, let isNews, let isReplay):
            "\(refund.number) of \(refund.money)\(isNews ? "" : ", known")\(isReplay ? ", replayed" : "")"
        case .noSuchOrder: "no such order"
        case .refused(let refusal): "refused: \(refusal)"
        case .channelMissing(let channel): "\(channel) is missing"
        case .keyReused: "the key was used"
        }
    }
}

extension DisputeResult: Spelled {
    var spelled: String {
        switch self {
        case .decided(.accepted(let action), _): "accepted: \(action.outcome.rawValue)"
        case .decided(.refunded(let refund), _): "goes back by \(refund.number)"
        case .decided(.refused(let refusal), _): "refused: \(refusal)"
        case .noSuchOrder: "no such order"
        }
    }
}

extension Doubt {
    fileprivate var spelled: String { "unknown, \(isUnanswered ? "no answer, " : "")\(reason.text)" }
}
