import Hummingbird
import NIOCore
import PayAPI
import PayAccess
import PayCore
import PayFlow

/// Finds the session of a request, and checks where the request comes from.
struct ConsoleGate: Sendable {
    /// A session's time of use is stored at most this often.
    private static let pauseBetweenNotes = Duration.seconds(60)

    let parts: ConsoleParts

    func visit(_ request: Request, _ context: PayRequestContext) async throws -> ConsoleVisit {
        let now = parts.clock.now()
        let origin = RequestOrigin(parts.rules.origin)
        let cookies = ConsoleCookies(isSecure: origin.isSecure)
        guard origin.isHost(of: request) else { throw ConsoleProblem.foreignHost }
        return ConsoleVisit(
            request: request, context: context, now: now,
            language: ConsoleLanguage(of: request, cookies), cookies: cookies,
            address: parts.rules.clientAddress.client(
                connection: context.connection?.ipAddress.flatMap(NetworkAddress.init),
                forwardedFor: request.headers[values: .forwardedFor]),
            who: try await who(
                cookies.value(CookieStem.session, in: request), at: now, isByPerson: !request.isRefresh),
            isFromOwnPage: origin.isOwnPage(request))
    }

    /// A page that refreshes itself does not keep a session open.
    private func who(_ cookie: String?, at now: Instant, isByPerson: Bool) async throws -> SignedIn? {
        guard let token = cookie.flatMap(RandomToken.init),
            let session = try await parts.operators.session(token.digest),
            parts.rules.isOpen(session, at: now)
        else { return nil }
        if isByPerson, now - session.usedAt >= Self.pauseBetweenNotes {
            try await parts.operators.noteUse(of: session.id, at: now)
        }
        return SignedIn(session: session, token: token)
    }
}

extension ConsoleRules {
    /// Whether a session has not reached its end at `now`.
    func isOpen(_ session: OperatorSession, at now: Instant) -> Bool {
        now < session.begunAt + sessionLimit && now < session.usedAt + idleLimit
    }
}

enum ConsoleProblem: Error {
    /// The `Host` header names another host than this console.
    case foreignHost
}
