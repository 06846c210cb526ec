import PayCore

extension BodyRules {
    /// Providers accept at most 256 characters.
    private static let longestReturnURL = 256

    var returnRule: String {
        let hosts = returnHosts.map { " on \($0.joined(separator: ", "))" } ?? ""
        return "an https URL\(hosts) of at most \(Self.longestReturnURL) characters (http for loopback only)"
    }

    func isAllowed(returnURL text: String) -> Bool {
        guard text.utf8.count <= Self.longestReturnURL, let url = WebAddress(text), url.isProtected else {
            return false
        }
        return returnHosts.map { $0.contains { WebHost($0) == url.host } } ?? true
    }
}
