/// The origin of a URL, as browsers compare it: scheme, host and port.
struct WebOrigin {
    let scheme: Substring
    let host: Substring
    /// With its colon; empty if the URL has no port.
    let port: Substring

    /// Nil for a URL that a Content-Security-Policy cannot express: an IPv6 address, or anything other than a host and
    /// a port before the path.
    init?(of url: String) {
        guard let colon = url.firstRange(of: "://") else { return nil }
        scheme = url[..<colon.lowerBound]
        let authority = url[colon.upperBound...].prefix { !"/?#".contains($0) }
        host = authority.prefix { $0 != ":" }
        port = authority[host.endIndex...]
        let isHost = !host.isEmpty && host.utf8.allSatisfy(Self.isOfHost)
        let isPort = port.isEmpty || port.count > 1 && port.dropFirst().utf8.allSatisfy(Self.isDigit)
        guard scheme == "http" || scheme == "https", isHost, isPort else { return nil }
    }

    var text: String { "\(scheme)://\(host)\(port)" }

    func isUnder(_ domain: String) -> Bool { host == domain || host.hasSuffix(".\(domain)") }

    private static func isOfHost(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: ".")
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
