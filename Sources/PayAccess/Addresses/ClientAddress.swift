package import PayCore

/// Finds the client's address behind trusted proxies.
package struct ClientAddress: Sendable {
    /// The ranges of proxies whose `X-Forwarded-For` is trusted.
    package let trustedProxies: [AddressRange]

    package init(trustedProxies: [AddressRange]) {
        self.trustedProxies = trustedProxies
    }

    /// The rightmost address of `X-Forwarded-For` and the connection that is not a trusted proxy's. If all are trusted,
    /// the leftmost one. The search ends at an entry that is not an address; the proxy that reported the entry then
    /// counts as the client.
    ///
    /// - Parameter forwardedFor: the values of `X-Forwarded-For`, line by line.
    package func client(connection: NetworkAddress?, forwardedFor: [String]) -> NetworkAddress? {
        guard var nearest = connection else { return nil }
        guard isTrusted(nearest) else { return nearest }
        // Several lines are one list (RFC 9110 section 5.3). The list is read backwards, up to the first untrusted
        // entry.
        var hops = forwardedFor.joined(separator: ",")[...]
        while !hops.isEmpty, isTrusted(nearest) {
            let hop = hops.utf8.lastIndex(of: UInt8(ascii: ",")).map { hops[hops.index(after: $0)...] } ?? hops
            hops = hops[..<hop.startIndex].dropLast()
            let entry = hop.trimmingPrefix(while: Self.isSpace).reversed().trimmingPrefix(while: Self.isSpace)
            if entry.isEmpty { continue }
            guard let address = Self.address(inEntry: String(entry.reversed())) else { break }
            nearest = address
        }
        return nearest
    }

    private func isTrusted(_ address: NetworkAddress) -> Bool { trustedProxies.contains { $0.contains(address) } }

    /// An address with an optional port: `203.0.113.7`, `203.0.113.7:54321`, `2001:db8::1`, `[2001:db8::1]:443`.
    private static func address(inEntry entry: String) -> NetworkAddress? {
        if let address = NetworkAddress(entry) { return address }
        if entry.hasPrefix("[") {
            guard let end = entry.firstIndex(of: "]") else { return nil }
            let address = entry[entry.index(after: entry.startIndex)..<end]
            let rest = entry[entry.index(after: end)...]
            // Only an IPv6 address may be in brackets (RFC 3986 section 3.2.2).
            guard address.contains(":"), rest.isEmpty || isPort(rest) else { return nil }
            return NetworkAddress(String(address))
        }
        guard let colon = entry.firstIndex(of: ":"), isPort(entry[colon...]) else { return nil }
        return NetworkAddress(String(entry[..<colon]))
    }

    private static func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }

    /// A colon and a number.
    private static func isPort(_ text: Substring) -> Bool {
        let digits = text.dropFirst()
        return text.first == ":" && digits.utf8.count <= 5 && digits.isASCIIDigits && UInt16(digits) != nil
    }
}

extension NetworkAddress? {
    /// The key of rate limits per client address.
    package var network: String { map(\.network) ?? "unknown" }
}
