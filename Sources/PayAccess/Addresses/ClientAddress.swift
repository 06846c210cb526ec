/// Finds the client's address behind trusted proxies.
package struct ClientAddress: Sendable {
    /// The ranges whose `X-Forwarded-For` is believed.
    package let trustedProxies: [AddressRange]

    package init(trustedProxies: [AddressRange]) {
        self.trustedProxies = trustedProxies
    }

    /// The rightmost address of connection and `X-Forwarded-For` that is not a trusted proxy's, or the leftmost one if all
    /// are. An entry that is not an address ends the search: the proxy that reported it counts as the client.
    ///
    /// - Parameter forwardedFor: the values of `X-Forwarded-For`, line by line.
    package func client(connection: NetworkAddress?, forwardedFor: [String]) -> NetworkAddress? {
        guard var nearest = connection else { return nil }
        guard isTrusted(nearest) else { return nearest }
        // Several lines are one list (RFC 9110 section 5.3). It is read from its end, as far as it is believed.
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

    /// An address, with a port or without: `203.0.113.7`, `203.0.113.7:54321`, `2001:db8::1`, `[2001:db8::1]:443`.
    private static func address(inEntry entry: String) -> NetworkAddress? {
        if let address = NetworkAddress(entry) { return address }
        if entry.hasPrefix("[") {
            guard let end = entry.firstIndex(of: "]") else { return nil }
            let address = entry[entry.index(after: entry.startIndex)..<end]
            let rest = entry[entry.index(after: end)...]
            // Brackets are for IPv6 alone (RFC 3986 section 3.2.2).
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
        return text.first == ":" && (1...5).contains(digits.utf8.count)
            && digits.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            && UInt16(digits) != nil
    }
}

extension NetworkAddress? {
    /// The name by which limits per client address count.
    package var network: String { map(\.network) ?? "unknown" }
}
