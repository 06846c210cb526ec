import PayCore

/// Checks that a provider can send its notices to us.
struct NoticeAddressCheck {
    let channel: Channel
    /// The address of the provider.
    let providerURL: String
    /// Without a slash at the end.
    let publicURL: String

    /// Whether the address must be set in the provider's dashboard. Other providers get it with each trade.
    let isNamedByHand: Bool

    func finding() -> Finding {
        let subject = "\(channel) notices"
        let address = noticeURL(of: channel, under: publicURL)
        guard BaseURL.isLoopback(publicURL), !BaseURL.isLoopback(providerURL) else {
            return .ok(
                subject, "go to \(address)\(isNamedByHand ? ": set this address in the provider's dashboard" : "")")
        }
        return .failure(
            subject, "go to \(address), which only this machine can reach",
            remedy: "set public.url to the https address under which the provider reaches this service")
    }
}
