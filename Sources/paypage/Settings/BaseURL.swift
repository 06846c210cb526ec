import PayCore

/// A base URL: absolute, http or https, without query and fragment.
enum BaseURL {
    /// The URL in its normal form, without a slash at the end. Requires https, unless the host is this machine.
    static func parse(_ text: String) throws(Complaint) -> String {
        let address = try address(text)
        guard address.query == nil, address.fragment == nil else {
            throw Complaint("has a query or a fragment", remedy: "remove everything after the path")
        }
        guard address.isProtected else {
            throw Complaint("is not https", remedy: "use https; http is accepted for loopback hosts only")
        }
        var path = address.path[...]
        while path.hasSuffix("/") { path.removeLast() }
        return address.origin + path
    }

    /// Whether a parsed URL leads to this machine.
    static func isLoopback(_ url: String) -> Bool { WebAddress(url)?.isLoopback ?? false }

    private static func address(_ text: String) throws(Complaint) -> WebAddress {
        let flaw: WebAddress.Flaw
        do {
            let address = try WebAddress(parsing: text)
            if text.isPercentEncoded { return address }
            flaw = .notAbsolute
        } catch {
            flaw = error
        }
        switch flaw {
        case .notAbsolute: throw Complaint("is not an absolute URL", remedy: "write it as https://HOST/PATH")
        case .userOrPassword: throw Complaint("has a user or a password", remedy: "remove the part before @")
        case .hostOrPort:
            throw Complaint("has an invalid host or port", remedy: "write it as https://HOST or https://HOST:PORT")
        }
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
        guard text.isOneLine, text.count <= longestShopName else {
            let remedy = "set it to one line of at most \(longestShopName) characters"
            throw Complaint("cannot be shown as a name", remedy: remedy)
        }
        return text
    }
}

extension String {
    /// Whether the text can be shown to a buyer as one line: no control or format characters, and not only white space.
    var isOneLine: Bool {
        let isPlain = unicodeScalars.allSatisfy {
            ![.control, .format, .lineSeparator, .paragraphSeparator].contains($0.properties.generalCategory)
        }
        return isPlain && contains { !$0.isWhitespace }
    }
}
