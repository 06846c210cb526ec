import HTTPTypes
import Hummingbird
import NIOCore
import PayCore

/// The answer of a route.
enum ConsoleAnswer: Sendable {
    case page(ConsolePage, HTTPResponse.Status = .ok)
    /// After a change: the browser gets this path of the console, which shows the flash message once.
    case redirect(to: String, saying: ConsoleFlash? = nil, cookies: [ConsoleCookie] = [])
    /// The thing that the path names does not exist.
    case notFound
    case refused(Refusal)
    /// Anything else, such as an event stream or a file. It brings its own headers.
    case response(Response)

    enum Refusal: Hashable, Sendable {
        /// The form is not from a page of this session.
        case foreignForm
        /// The operator's role is below this one.
        case role(OperatorRole)
        /// The `Host` header names another host than this console.
        case host
    }

    func response(to visit: ConsoleVisit) -> Response {
        let texts = visit.words.frame
        switch self {
        case .page(let page, let status): return visit.html(page, status)
        case .redirect(let place, let flash, let cookies):
            var headers: HTTPFields = [.location: SafePath.own(place) ?? ConsolePath.home, .cacheControl: "no-store"]
            var cookies = cookies
            if let flash, let who = visit.who { cookies.append(flash.cookie(of: who, visit.cookies)) }
            for cookie in cookies { headers.append(.init(name: .setCookie, value: cookie.header)) }
            return Response(status: .seeOther, headers: headers)
        case .notFound: return visit.html(.message(texts.notFoundTitle, texts.notFoundLead), .notFound)
        case .refused(.foreignForm): return visit.html(.message(texts.staleTitle, texts.staleLead), .forbidden)
        case .refused(.role(let role)):
            let lead = texts.roleLead.replacing("{}", with: texts.role(role))
            return visit.html(.message(texts.roleTitle, lead), .forbidden)
        case .refused(.host):
            return visit.html(.message(texts.hostTitle, texts.hostLead), .misdirectedRequest)
        case .response(let response): return response
        }
    }
}

/// The paths that more than one page links to.
enum ConsolePath {
    static let home = "/console"
    static let signIn = "/console/sign-in"
    static let signOut = "/console/sign-out"
    static let account = "/console/account"
}

/// Paths that a redirect may lead to.
enum SafePath {
    private static let longest = 2_000

    /// The path, if it is one of this console's own. Nil for anything that a browser could read as another host.
    static func own(_ path: String) -> String? {
        guard path.utf8.count <= longest,
            path == ConsolePath.home || path.hasPrefix("/console/") || path.hasPrefix("/console?"),
            path.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") })
        else { return nil }
        return path
    }
}
