import HTTPTypes
import Hummingbird
import PayAPI
import PayAccess
import PayCore
import PayFlow

/// The page of an invitation's link, which sets a password once.
struct InvitationRoutes: Sendable {
    let parts: ConsoleParts

    var routes: [ConsoleRoute] {
        [
            .openGet("/console/welcome/{token}") { visit in
                guard let found = try await find(visit) else { return over(visit) }
                return page(visit, found.account)
            },
            .openPost("/console/welcome/{token}", setPassword),
        ]
    }

    @Sendable private func setPassword(_ visit: ConsoleVisit, _ form: FormFields) async throws -> ConsoleAnswer {
        let words = visit.words.account
        guard let (account, digest) = try await find(visit) else { return over(visit) }
        let password = form.only("password") ?? ""
        if let flaw = words.flaw(in: password, repeated: form.only("repeated"), for: account.name) {
            return page(visit, account, alarm: flaw, .unprocessableContent)
        }
        let hash = try await parts.passwords.hash(Secret(password))
        let now = visit.now
        let isSet = try await parts.operators.updateOperator(account.name, at: now) { record in
            guard record.account?.setPassword(hash, by: digest, at: now) == true else { return OperatorDecision(false) }
            return OperatorDecision(
                true, audit: AuditNote(visit.actor(account.name), .operatorPasswordSet, on: account.name.text))
        }
        return isSet ? .redirect(to: "\(ConsolePath.signIn)?set=1") : over(visit)
    }

    private func find(_ visit: ConsoleVisit) async throws -> (account: OperatorAccount, digest: SecretDigest)? {
        guard let digest = visit.parameter("token").flatMap(RandomToken.init)?.digest,
            let account = try await parts.operators.operatorAccount(invitedBy: digest),
            let invitation = account.invitation, visit.now < invitation.endsAt
        else { return nil }
        return (account, digest)
    }

    private func over(_ visit: ConsoleVisit) -> ConsoleAnswer {
        let words = visit.words.account
        return .page(.message(words.linkOverTitle, words.linkOverLead), .gone)
    }

    private func page(
        _ visit: ConsoleVisit, _ account: OperatorAccount, alarm: String? = nil, _ status: HTTPResponse.Status = .ok
    ) -> ConsoleAnswer {
        let words = visit.words.account
        let lead = words.setPasswordLead.replacing("{}", with: String(PasswordFlaw.shortest))
        let view = InvitationView(
            action: visit.request.uri.path, name: account.name.text, lead: lead, alarm: alarm)
        return .page(ConsolePage(words.setPassword, in: nil, view), status)
    }
}

struct InvitationView: ConsoleView {
    static let template = ConsoleTemplate(PackageResources.invitation_mustache)

    let action: String
    let name: String
    let lead: String
    var alarm: String?
    let shortest = PasswordFlaw.shortest
}
