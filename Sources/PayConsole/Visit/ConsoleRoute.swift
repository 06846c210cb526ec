import HTTPTypes
import Hummingbird
import PayAPI
import PayCore

/// A path with one method, and the role that it asks for.
struct ConsoleRoute: Sendable {
    /// For a visitor who may not be signed in.
    typealias Open = @Sendable (ConsoleVisit) async throws -> ConsoleAnswer
    typealias Getting = @Sendable (ConsoleVisit, SignedIn) async throws -> ConsoleAnswer
    typealias Posting = @Sendable (ConsoleVisit, SignedIn, FormFields) async throws -> ConsoleAnswer
    typealias OpenPosting = @Sendable (ConsoleVisit, FormFields) async throws -> ConsoleAnswer

    private enum Kind: Sendable {
        case openGet(Open)
        case openPost(OpenPosting)
        case get(OperatorRole, Getting)
        case post(OperatorRole, Posting)
    }

    private let path: RouterPath
    private let kind: Kind

    /// A page for operators with at least this role. Others are sent to the sign-in page, or refused.
    static func get(_ path: RouterPath, role: OperatorRole, _ handler: @escaping Getting) -> ConsoleRoute {
        ConsoleRoute(path: path, kind: .get(role, handler))
    }

    /// A change by an operator with at least this role. The form must be one of this session's own pages: its CSRF token
    /// and the headers of the browser are checked before the handler runs.
    static func post(_ path: RouterPath, role: OperatorRole, _ handler: @escaping Posting) -> ConsoleRoute {
        ConsoleRoute(path: path, kind: .post(role, handler))
    }

    /// A page for everybody.
    static func openGet(_ path: RouterPath, _ handler: @escaping Open) -> ConsoleRoute {
        ConsoleRoute(path: path, kind: .openGet(handler))
    }

    /// A form for everybody, from a page of this console: the headers of the browser are checked. There is no session yet
    /// whose CSRF token could be checked.
    static func openPost(_ path: RouterPath, _ handler: @escaping OpenPosting) -> ConsoleRoute {
        ConsoleRoute(path: path, kind: .openPost(handler))
    }

    func register(on router: Router<PayRequestContext>, behind gate: ConsoleGate) {
        let method: HTTPRequest.Method =
            switch kind {
            case .openGet, .get: .get
            case .openPost, .post: .post
            }
        router.on(path, method: method) { [kind] request, context in
            let visit = try await gate.visit(request, context)
            let answer = try await Self.answer(visit, kind)
            return answer.response(to: visit)
        }
    }

    private static func answer(_ visit: ConsoleVisit, _ kind: Kind) async throws -> ConsoleAnswer {
        switch kind {
        case .openGet(let handler): return try await handler(visit)
        case .openPost(let handler):
            guard visit.isFromOwnPage else { return .refused(.foreignForm) }
            return try await handler(visit, try await visit.form())
        case .get(let role, let handler):
            guard let who = visit.who else { return visit.toSignIn() }
            guard who.role >= role else { return .refused(.role(role)) }
            return try await handler(visit, who)
        case .post(let role, let handler):
            guard visit.isFromOwnPage else { return .refused(.foreignForm) }
            guard let who = visit.who else { return visit.toSignIn() }
            let form = try await visit.form()
            guard let code = form.only(ConsoleForm.csrf), who.isOwnForm(code) else { return .refused(.foreignForm) }
            guard who.role >= role else { return .refused(.role(role)) }
            return try await handler(visit, who, form)
        }
    }
}

/// Names of form fields that every page shares.
enum ConsoleForm {
    static let csrf = "csrf"
}
