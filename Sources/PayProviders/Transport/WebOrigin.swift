import PayCore

/// The origin of a URL (scheme, host and port), as a Content-Security-Policy names it.
struct WebOrigin {
    let text: String
    private let host: String

    /// Nil for a URL that a policy has no word for: one with an IPv6 address, a host in capitals or with an underscore,
    /// or a user.
    init?(of url: String) {
        guard let address = WebAddress(url), url.hasPrefix(address.origin) else { return nil }
        (text, host) = (address.origin, address.host.description)
        guard !host.contains(":"), !host.contains("_") else { return nil }
    }

    func isUnder(_ domain: String) -> Bool { host == domain || host.hasSuffix(".\(domain)") }
}
