public import PayCore

extension Pay {
    /// The permitted form targets of a channel's HTML pages, as CSP source expressions. Empty for a channel that is no
    /// longer configured.
    public func pageFormTargets(of channel: Channel) -> [String] {
        parts.providers[channel]?.pageFormTargets ?? []
    }

    /// The source of openids for the channel's `jsapi`; nil if there is none.
    public func openIDs(of channel: Channel) -> (any OpenIDSource)? { parts.providers[channel]?.openIDs }
}
