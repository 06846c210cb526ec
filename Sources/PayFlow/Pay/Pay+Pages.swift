public import PayCore

extension Pay {
    /// The permitted form targets of a channel's HTML pages, as CSP source expressions. Empty for a channel that is no
    /// longer configured.
    public func pageFormTargets(of channel: Channel) -> [String] {
        parts.providers[channel]?.pageFormTargets ?? []
    }

    /// The payer that an earlier attempt at this channel has for this terminal; empty if there is none. An openid belongs
    /// to one app, so that a change of the appids makes the payer unknown.
    public func openID(in order: Order, at channel: Channel, on terminal: Terminal) -> String {
        order.attempts.last { attempt in
            attempt.request.terminal == terminal && !attempt.request.payer.openID.isEmpty
                && parts.knowsPayer(attempt, on: terminal, of: channel)
        }?.request.payer.openID ?? ""
    }

    /// The source of openids for the channel's `jsapi`; nil if there is none.
    public func openIDs(of channel: Channel) -> (any OpenIDSource)? { parts.providers[channel]?.openIDs }
}
