public import PayCore

extension Pay {
    /// Where the forms in a channel's HTML pages may go, as CSP source expressions; nowhere for a channel that is no
    /// longer configured.
    public func pageFormTargets(of channel: Channel) -> [String] {
        parts.providers[channel]?.pageFormTargets ?? []
    }
}
