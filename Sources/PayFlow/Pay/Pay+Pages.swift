public import PayCore

extension Pay {
    /// The allowed targets of forms in a channel's HTML pages, as CSP source expressions. None for a channel that is no
    /// longer configured.
    public func pageFormTargets(of channel: Channel) -> [String] {
        parts.providers[channel]?.pageFormTargets ?? []
    }
}
