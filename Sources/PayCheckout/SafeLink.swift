import FoundationEssentials
import PayAPI

/// An address that the page may link to: https, or http on loopback. It is never a script, whatever its source.
struct SafeLink: Hashable, Sendable {
    let url: String

    init?(_ text: String) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let parts = URLComponents(string: text),
            parts.user == nil, parts.password == nil, let host = parts.host?.lowercased(), !host.isEmpty
        else { return nil }
        switch parts.scheme?.lowercased() {
        case "https": break
        case "http" where BodyRules.isLoopback(host): break
        default: return nil
        }
        url = text
    }
}
