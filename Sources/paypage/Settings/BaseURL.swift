import Foundation

/// A base URL: absolute, http or https, without query and fragment.
enum BaseURL {
    /// The URL in its normal form, without a slash at the end. Requires https, unless the host is this machine.
    static func parse(_ text: String) throws(Complaint) -> String {
        let (parts, scheme, written) = try absolute(text)
        guard parts.query == nil, parts.fragment == nil else {
            throw Complaint("has a query or a fragment", remedy: "remove everything after the path")
        }
        guard parts.user == nil, parts.password == nil else {
            throw Complaint("has a user or a password", remedy: "remove the part before @")
        }
        let isBracketed = written.hasPrefix("[") && written.hasSuffix("]")
        guard let host = HostText.host(isBracketed ? String(written.dropFirst().dropLast()) : written),
            parts.port.map((1...65535).contains) ?? true
        else { throw Complaint("has an invalid host or port", remedy: "write it as https://HOST or https://HOST:PORT") }
        guard scheme == "https" || HostText.isLoopback(host) else {
            throw Complaint("is not https", remedy: "use https; http is accepted for loopback hosts only")
        }
        let port = parts.port.map { ":\($0)" } ?? ""
        return "\(scheme)://\(host.contains(":") ? "[\(host)]" : host)\(port)\(path(of: parts))"
    }

    /// Whether a parsed URL leads to this machine.
    static func isLoopback(_ url: String) -> Bool {
        guard let host = URLComponents(string: url)?.encodedHost else { return false }
        return HostText.isLoopback(host.trimmingCharacters(in: ["[", "]"]))
    }

    private static func absolute(_ text: String) throws(Complaint) -> (URLComponents, scheme: String, host: String) {
        guard let parts = URLComponents(string: text, encodingInvalidCharacters: false),
            let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme),
            let host = parts.encodedHost, !host.isEmpty
        else { throw Complaint("is not an absolute URL", remedy: "write it as https://HOST/PATH") }
        return (parts, scheme, host)
    }

    private static func path(of parts: URLComponents) -> String {
        var path = parts.percentEncodedPath[...]
        while path.hasSuffix("/") { path.removeLast() }
        return String(path)
    }
}

extension SettingRules {
    /// A web origin as browsers write it: scheme, host, and the port if it is not the scheme's default.
    static func origin(_ text: String) throws(Complaint) -> String {
        let remedy = "write a web origin: https://HOST or https://HOST:PORT"
        let origin: String
        do {
            origin = try BaseURL.parse(text)
        } catch {
            throw Complaint(error.problem, remedy: remedy)
        }
        let usualPort = origin.hasPrefix("https:") ? ":443" : ":80"
        guard origin.filter({ $0 == "/" }).count == 2 else {
            throw Complaint("has a path", remedy: remedy)
        }
        return origin.hasSuffix(usualPort) ? String(origin.dropLast(usualPort.count)) : origin
    }

    /// The name is shown beside an amount on a phone.
    private static let longestShopName = 64

    static func shopName(_ text: String) throws(Complaint) -> String {
        let isPlain = text.unicodeScalars.allSatisfy {
            ![.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
        }
        guard isPlain, text.count <= longestShopName, text.contains(where: { !$0.isWhitespace }) else {
            let remedy = "set it to one line of at most \(longestShopName) characters"
            throw Complaint("cannot be shown as a name", remedy: remedy)
        }
        return text
    }
}
