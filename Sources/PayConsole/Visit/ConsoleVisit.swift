import HTTPTypes
import Hummingbird
import NIOCore
import PayAPI
import PayAccess
import PayCore
import PayFlow

/// The operator of a request.
struct SignedIn: Sendable {
    let session: OperatorSession
    /// The secret of the session. It must not be logged.
    let token: RandomToken

    var name: OperatorName { session.name }
    var role: OperatorRole { session.role }

    /// The token that every form of this session carries.
    var csrf: String { token.code(for: Self.purpose) }

    func isOwnForm(_ code: String) -> Bool { token.isCode(code, for: Self.purpose) }

    private static let purpose = "csrf"
}

/// A request, and everything that is known of its sender.
struct ConsoleVisit: Sendable {
    let request: Request
    let context: PayRequestContext
    let now: Instant
    let language: ConsoleLanguage
    let cookies: ConsoleCookies
    /// The client's address.
    let address: NetworkAddress?
    /// Nil for a visitor who is not signed in.
    let who: SignedIn?
    /// Whether the browser says that the request comes from a page of this console.
    let isFromOwnPage: Bool

    var words: ConsoleWords { language.words }

    /// The author of a change, for the audit log.
    func actor(_ who: SignedIn) -> Actor { actor(who.name) }

    func actor(_ name: OperatorName) -> Actor { Actor(PersonName(name.text)!, by: .console, from: origin) }

    /// A part of the path, such as `number` of `/console/orders/{number}`, without percent-encoding.
    func parameter(_ name: String) -> String? {
        context.parameters.get(name)?.percentDecoded
    }

    /// A value of the query that occurs exactly once.
    func query(_ name: String) -> String? {
        let found = request.uri.queryParameters.getAll(name)
        return found.count == 1 ? String(found[0]) : nil
    }

    func form() async throws -> FormFields {
        guard request.hasForm else { return FormFields([]) }
        return FormFields(try await RequestBodies.raw(request))
    }

    /// The path and the query of this request.
    var place: String { request.uri.description }

    /// Sends the browser to the sign-in page, and from there back to this page.
    func toSignIn() -> ConsoleAnswer {
        guard request.method == .get || request.method == .head, place != ConsolePath.home,
            SafePath.own(place) != nil
        else { return .redirect(to: ConsolePath.signIn) }
        return .redirect(to: "\(ConsolePath.signIn)?to=\(place.percentEncoded)")
    }
}
