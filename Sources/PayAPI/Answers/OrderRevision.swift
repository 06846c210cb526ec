import Crypto
package import PayCore

/// A short text that changes whenever the response for an order changes, except for its running seconds. It is the same
/// in every process.
package enum OrderRevision {
    /// Bytes of the hash. A collision would only hide one change from one reader, so nobody gains by finding one.
    private static let length = 8

    package static func of(_ order: Order, forMerchant: Bool, at now: Instant) -> String {
        var told = ["\(forMerchant) \(order.state.name)", order.activity?.rawValue ?? "-"]
        told += order.livePages(at: now).map { served in
            "\(served.tradeNumber) \(served.page.terminal) \(served.page.openID) \(served.page.mintedAt.milliseconds)"
        }
        told += order.refunds.map { refund in
            "\(refund.number) \(refund.state) \(refund.providerCode ?? "") \(refund.renewals) "
                + "\(refund.refundedAt?.milliseconds ?? 0)"
        }
        if forMerchant {
            told += order.attempts.map { "\($0.number) \($0.state.name) \($0.stateSince.milliseconds)" }
            told += order.receipts.map { "\($0.receipt.transactionID.text) \($0.standing)" }
        }
        let digest = SHA256.hash(data: Array(told.joined(separator: "\n").utf8))
        return Hexadecimal.text(of: digest.prefix(length))
    }
}

/// The provider call that an order waits for, as shown to users.
enum OrderActivity: String {
    /// A page is being requested.
    case opening
    /// The earlier page is being closed.
    case closing
}

extension Order {
    /// Nil while the order waits for no provider call.
    var activity: OrderActivity? {
        guard state == .new, let state = liveAttempt?.state.name else { return nil }
        return state == .creating ? .opening : state == .closing ? .closing : nil
    }

    /// The pages that a caller could receive now.
    package func livePages(at now: Instant) -> [ServedPage] {
        guard state == .new, let attempt = liveAttempt, attempt.state == .open else { return [] }
        return attempt.pages.filter { $0.isFresh(at: now) }
            .map { ServedPage(tradeNumber: attempt.number, channel: attempt.channel, page: $0) }
    }

    /// One of the live pages. A page for the attempt's own terminal is preferred.
    func anyLivePage(at now: Instant) -> ServedPage? {
        let live = livePages(at: now)
        return live.first { $0.page.terminal == liveAttempt?.request.terminal } ?? live.first
    }
}
