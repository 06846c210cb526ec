import PayCore

/// The origin of a URL, as browsers compare it: scheme, host and port.
struct WebOrigin {
    let text: String
    private let host: String

    /// Nil for a URL that a Content-Security-Policy cannot express: an IPv6 address, a host with capitals or an
    /// underscore, or a user.
    init?(of url: String) {
        guard let address = WebAddress(url), url.hasPrefix(address.origin) else { return nil }
        (text, host) = (address.origin, address.host.description)
        guard !host.contains(":"), !host.contains("_") else { return nil }
    }

    func isUnder(_ domain: String) -> Bool { host == domain || host.hasSuffix(".\(domain)") }
}
