public import PayCore

extension Pay {
    /// The permitted form targets of a channel's HTML pages, as CSP source expressions. Empty for a channel that is no
    /// longer configured.
    public func pageFormTargets(of channel: Channel) -> [String] {
        parts.providers[channel]?.pageFormTargets ?? []
    }
}
