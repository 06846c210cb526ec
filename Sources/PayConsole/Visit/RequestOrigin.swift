import HTTPTypes
import Hummingbird
import PayCore

/// Compares the headers of a request with the console's own origin.
struct RequestOrigin: Sendable {
    /// Nil for loopback alone.
    private let configured: String?

    init(_ configured: String?) {
        self.configured = configured
    }

    /// Whether cookies are for https alone.
    var isSecure: Bool { configured?.hasPrefix("https://") ?? false }

    /// Whether the request names this console's host.
    ///
    /// Without a configured origin only loopback names are valid: another name that resolves to loopback belongs to a page
    /// that attacks the browser's machine (DNS rebinding). With a configured origin a proxy may send any name, and the
    /// cookie belongs to the origin's host alone.
    func isHost(of request: Request) -> Bool {
        configured != nil || WebAddress("http://\(request.head.authority ?? "")")?.isLoopback == true
    }

    /// Whether the browser says that the request was made by a page of this console.
    func isOwnPage(_ request: Request) -> Bool {
        // Browsers send Sec-Fetch-Site over https and on loopback. A script can't set it.
        if let site = request.headers[.secFetchSite] { return site == "same-origin" }
        guard let origin = request.headers[.origin] else { return false }
        if let configured { return origin == configured }
        return origin == "http://\(request.head.authority ?? "")"
    }
}

extension HTTPField.Name {
    static let secFetchSite = Self("Sec-Fetch-Site")!
}
