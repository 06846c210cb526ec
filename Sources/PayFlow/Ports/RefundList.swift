public import PayCore

/// The refunds, for an operator.
public protocol RefundList: Sendable {
    /// The latest refunds first; those in one state if `state` isn't nil.
    func refunds(in state: RefundState?, limit: Int) async throws -> [ListedRefund]
}

/// A refund, and the channel that the money goes back by.
public struct ListedRefund: Hashable, Sendable {
    public let refund: Refund
    public let channel: Channel

    public init(refund: Refund, channel: Channel) {
        self.refund = refund
        self.channel = channel
    }
}
