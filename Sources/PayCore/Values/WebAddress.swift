/// An http or https URL, parsed once. The host is checked, so that no reader of the URL finds another host in it.
package struct WebAddress: Hashable, Sendable {
    package enum Scheme: String, Sendable {
        case http, https
    }

    /// Why a text is not such a URL.
    package enum Flaw: Error {
        /// It doesn't begin with `http://` or `https://` and a host, or has a space, a backslash or a byte outside of ASCII.
        case notAbsolute
        case userOrPassword
        case hostOrPort
    }

    package let scheme: Scheme
    package let host: WebHost
    /// Nil where the URL names none.
    package let port: Int?
    /// As it was written: empty, or from the first slash on.
    package let path: String
    /// As it was written, without its `?`. Nil where there is none.
    package let query: String?
    /// As it was written, without its `#`. Nil where there is none.
    package let fragment: String?

    package init?(_ text: String) {
        do {
            try self.init(parsing: text)
        } catch {
            return nil
        }
    }

    package init(parsing text: String) throws(Flaw) {
        // Browsers read a backslash as a slash, other readers don't.
        guard text.isVisibleASCII(), !text.utf8.contains(UInt8(ascii: "\\")) else { throw .notAbsolute }
        let name = text.prefix { $0 != ":" }
        let behindName = text[name.endIndex...]
        guard let scheme = Scheme(rawValue: name.lowercased()), behindName.hasPrefix("://") else { throw .notAbsolute }
        let authority = behindName.dropFirst(3).prefix { !"/?#".contains($0) }
        guard !authority.isEmpty else { throw .notAbsolute }
        guard !authority.contains("@") else { throw .userOrPassword }
        guard let (host, port) = Self.hostAndPort(authority) else { throw .hostOrPort }
        (self.scheme, self.host, self.port) = (scheme, host, port)
        let behindHost = text[authority.endIndex...]
        let beforeFragment = behindHost.prefix { $0 != "#" }
        let path = beforeFragment.prefix { $0 != "?" }
        self.path = String(path)
        query =
            path.endIndex == beforeFragment.endIndex
            ? nil : String(text[path.endIndex..<beforeFragment.endIndex].dropFirst())
        fragment = beforeFragment.endIndex == text.endIndex ? nil : String(text[beforeFragment.endIndex...].dropFirst())
    }

    /// Scheme, host and port, in one spelling: `https://shop.example:8443`. The port stands there where the URL names it.
    package var origin: String {
        let name = if case .address(let address) = host, !address.isIPv4 { "[\(host)]" } else { "\(host)" }
        return "\(scheme.rawValue)://\(name)\(port.map { ":\($0)" } ?? "")"
    }

    package var isLoopback: Bool { host.isLoopback }

    /// Whether nobody on the way can read or change what is sent: https, or http that stays on this machine.
    package var isProtected: Bool { scheme == .https || isLoopback }

    private static func hostAndPort(_ authority: Substring) -> (WebHost, Int?)? {
        let host: WebHost
        let rest: Substring
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            let inside = authority[..<end].dropFirst()
            // Brackets are for IPv6 alone (RFC 3986, section 3.2.2).
            guard inside.contains(":"), let address = NetworkAddress(String(inside)) else { return nil }
            host = .address(address)
            rest = authority[end...].dropFirst()
        } else {
            let name = authority.prefix { $0 != ":" }
            guard let named = WebHost(String(name)) else { return nil }
            host = named
            rest = authority[name.endIndex...]
        }
        if rest.isEmpty { return (host, nil) }
        let digits = rest.dropFirst()
        guard rest.first == ":", digits.utf8.count <= 5, digits.isASCIIDigits, let port = Int(digits),
            (1...65_535).contains(port)
        else { return nil }
        return (host, port)
    }
}

/// A host of the network: an address, or a name in lower case. Equal hosts are equal texts.
package enum WebHost: Hashable, Sendable, CustomStringConvertible {
    case address(NetworkAddress)
    case name(String)

    private static let longestName = 253
    private static let longestLabel = 63

    /// Nil unless the text is an address without brackets, or a name that can be looked up: labels of letters, digits,
    /// `-` and `_`, without a dot at the end.
    package init?(_ text: String) {
        if let address = NetworkAddress(text) {
            self = .address(address)
            return
        }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.longestName, labels.allSatisfy(Self.isLabel), let last = labels.last,
            !Self.isNumber(last)
        else { return nil }
        self = .name(text.lowercased())
    }

    /// Without brackets.
    package var description: String {
        switch self {
        case .address(let address): address.description
        case .name(let name): name
        }
    }

    /// Whether only this machine is reached: `localhost`, 127.0.0.0/8 or ::1.
    package var isLoopback: Bool {
        switch self {
        case .address(let address): address.isLoopback
        case .name(let name): name == "localhost"
        }
    }

    private static func isLabel(_ label: Substring) -> Bool {
        label.isASCIIAlphanumeric(or: "-_", 1...longestLabel) && label.first != "-" && label.last != "-"
    }

    /// Whether a name with this last label is an IPv4 address to some readers: `127.1`, `0x7f000001`.
    private static func isNumber(_ label: Substring) -> Bool {
        if label.isASCIIDigits { return true }
        return label.lowercased().hasPrefix("0x") && label.utf8.dropFirst(2).allSatisfy { Hexadecimal.value($0) != nil }
    }
}
