import FoundationEssentials
import PayAccess

extension BodyRules {
    /// Providers accept at most 256 characters.
    private static let longestReturnURL = 256

    var returnRule: String {
        let hosts = returnHosts.map { " on \($0.joined(separator: ", "))" } ?? ""
        return "an https URL\(hosts) of at most \(Self.longestReturnURL) characters (http for loopback only)"
    }

    func isAllowed(returnURL text: String) -> Bool {
        guard text.utf8.count <= Self.longestReturnURL, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let url = URLComponents(string: text), url.user == nil, url.password == nil,
            let host = url.host?.lowercased(), !host.isEmpty
        else { return false }
        guard url.scheme?.lowercased() == "https" || (url.scheme?.lowercased() == "http" && Self.isLoopback(host))
        else { return false }
        return returnHosts.map { $0.contains { $0.lowercased() == host } } ?? true
    }

    package static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "[::1]" || host == "::1"
            || (host.hasPrefix("127.") && NetworkAddress(host) != nil)
    }
}
