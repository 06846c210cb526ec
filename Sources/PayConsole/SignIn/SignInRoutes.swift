import HTTPTypes
import Hummingbird
import PayAPI
import PayAccess
import PayCore
import PayFlow

/// The routes of signing in and out.
struct SignInRoutes: Sendable {
    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [
            .openGet("/console/sign-in", page), .openPost("/console/sign-in", signIn),
            .post("/console/sign-out", role: .viewer, signOut),
        ]
    }

    @Sendable private func page(_ visit: ConsoleVisit) -> ConsoleAnswer {
        guard visit.who == nil else { return .redirect(to: ConsolePath.home) }
        return page(visit, SignInView(to: visit.query("to") ?? "", isPasswordSet: visit.query("set") != nil))
    }

    @Sendable private func signIn(_ visit: ConsoleVisit, _ form: FormFields) async throws -> ConsoleAnswer {
        let name = (form.only("name") ?? "").filter { !$0.isWhitespace }.lowercased()
        let to = form.only("to") ?? ""
        let words = visit.words.signIn
        let outcome = try await SignIn(parts: parts)(
            name, Secret(form.only("password") ?? ""), code: form.only("code") ?? "", visit)
        switch outcome {
        case .signedIn(let token):
            try await endOldSession(visit)
            return .redirect(to: SafePath.own(to) ?? ConsolePath.home, cookies: [visit.sessionCookie(token)])
        case .refused: return page(visit, SignInView(to: to, name: name, alarm: words.refused), .forbidden)
        case .limited(let pause):
            return page(visit, SignInView(to: to, name: name, alarm: words.limited(pause)), .tooManyRequests)
        }
    }

    /// The browser's cookie is replaced, so that its former session would be nobody's.
    private func endOldSession(_ visit: ConsoleVisit) async throws {
        guard let old = visit.who else { return }
        try await parts.operators.updateOperator(old.name, at: visit.now) { _ in
            OperatorDecision((), ending: .one(old.session.id))
        }
    }

    @Sendable private func signOut(_ visit: ConsoleVisit, _ who: SignedIn, _: FormFields) async throws -> ConsoleAnswer
    {
        try await parts.operators.updateOperator(who.name, at: visit.now) { _ in
            OperatorDecision(
                (), ending: .one(who.session.id),
                audit: AuditNote(visit.actor(who), .operatorSignedOut, on: who.name.text))
        }
        return .redirect(to: ConsolePath.signIn, cookies: [visit.cookies.remove(CookieStem.session)])
    }

    private func page(
        _ visit: ConsoleVisit, _ view: SignInView, _ status: HTTPResponse.Status = .ok
    ) -> ConsoleAnswer {
        .page(ConsolePage(visit.words.signIn.title, in: nil, view), status)
    }
}

struct SignInView: ConsoleView {
    static let template = ConsoleTemplate(PackageResources.signin_mustache)

    let action = ConsolePath.signIn
    /// The page to open afterwards. The form sends it back, and it is checked then.
    let to: String
    var name = ""
    var isPasswordSet = false
    var alarm: String?
}
