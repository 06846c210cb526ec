import HTTPTypes
import Hummingbird
import PayAPI
import PayAccess
import PayCore
import PayFlow

/// The operator's own account: sessions and password.
struct AccountRoutes: Sendable {
    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [
            .get("/console/account", role: .viewer) { visit, who in try await page(visit, who) },
            .post("/console/account/password", role: .viewer, changePassword),
            .post("/console/account/sessions/end", role: .viewer, endSessions),
        ]
    }

    private func page(
        _ visit: ConsoleVisit, _ who: SignedIn, alarm: String? = nil, _ status: HTTPResponse.Status = .ok
    ) async throws -> ConsoleAnswer {
        let account = try await parts.operators.operatorAccount(who.name)
        let sessions = try await parts.operators.sessions(of: who.name)
            .filter { parts.rules.isOpen($0, at: visit.now) }
        let view = AccountView(
            name: who.name.text, roleName: visit.words.frame.role(who.role), hasCodes: account?.codes != nil,
            alarm: alarm, sessions: sessions.map { .init($0, isThis: $0.id == who.session.id) })
        return .page(ConsolePage(visit.words.frame.account, in: nil, view), status)
    }

    @Sendable private func changePassword(
        _ visit: ConsoleVisit, _ who: SignedIn, _ form: FormFields
    ) async throws -> ConsoleAnswer {
        let words = visit.words.account
        let password = form.only("password") ?? ""
        if let flaw = words.flaw(in: password, repeated: form.only("repeated"), for: who.name) {
            return try await page(visit, who, alarm: flaw, .unprocessableContent)
        }
        let own = OwnPassword(parts: parts)
        switch try await own.check(form.only("present"), of: who.name, visit) {
        case .refused(let status, let reason): return try await page(visit, who, alarm: reason, status)
        case .right(let old):
            let hash = try await parts.passwords.hash(Secret(password))
            return try await own.renew(visit, who, saying: words.passwordChanged) { account in
                account.changePassword(from: old, to: hash) ? .operatorPasswordSet : nil
            }
        }
    }

    @Sendable private func endSessions(
        _ visit: ConsoleVisit, _ who: SignedIn, _ form: FormFields
    ) async throws -> ConsoleAnswer {
        let isAll = form.only("which") == "all"
        try await parts.operators.updateOperator(who.name, at: visit.now) { _ in
            OperatorDecision(
                (), ending: isAll ? .all : .allBut(who.session.id),
                audit: AuditNote(visit.actor(who), .operatorSessionsEnded, on: who.name.text))
        }
        guard !isAll else {
            return .redirect(to: ConsolePath.signIn, cookies: [visit.cookies.remove(CookieStem.session)])
        }
        return .redirect(to: ConsolePath.account, saying: .done(visit.words.account.sessionsEnded))
    }
}

struct AccountView: ConsoleView {
    static let template = ConsoleTemplate(PackageResources.account_mustache)

    struct Session: Sendable {
        let begun: String
        let used: String
        let origin: String
        let isThis: Bool

        init(_ session: OperatorSession, isThis: Bool) {
            begun = Timestamp(session.begunAt).text
            used = Timestamp(session.usedAt).text
            origin = session.origin?.text ?? "-"
            self.isThis = isThis
        }
    }

    let name: String
    let roleName: String
    let hasCodes: Bool
    let alarm: String?
    let sessions: [Session]
    let shortest = PasswordFlaw.shortest
}
