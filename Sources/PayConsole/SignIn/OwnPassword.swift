import HTTPTypes
import Hummingbird
import PayAccess
import PayCore
import PayFlow

/// Asks an operator who is signed in for the password again, before the proofs of the account change. A stolen session
/// alone can't change them.
struct OwnPassword: Sendable {
    enum Check: Sendable {
        case right(PasswordHash)
        case refused(HTTPResponse.Status, String)
    }

    let parts: ConsoleParts

    /// A wrong password counts like a refused sign-in.
    func check(_ typed: String?, of name: OperatorName, _ visit: ConsoleVisit) async throws -> Check {
        let words = visit.words
        if let pause = parts.signInLimit.pause(before: visit.address, at: visit.now) {
            return .refused(.tooManyRequests, words.signIn.limited(pause))
        }
        let known = try await parts.operators.operatorAccount(name)
        let isRight = try await parts.passwords.isPassword(Secret(typed ?? ""), of: known?.password)
        if isRight, let hash = known?.password, known?.isLocked(at: visit.now) == false { return .right(hash) }
        let now = visit.now
        try await parts.operators.updateOperator(name, at: now) { record in
            let result = record.account?.signIn(with: SignInProof(password: nil, codeStep: nil), at: now)
            guard result == .refusedAndLocked else { return OperatorDecision(()) }
            return OperatorDecision((), audit: SignIn.lockNote(record.account, visit))
        }
        return .refused(.forbidden, words.account.wrongPassword)
    }

    /// Changes a proof of the account, which ends every session, and begins a new one for this browser.
    ///
    /// - Parameter change: returns the audit's action, or nil if the account was changed meanwhile.
    func renew(
        _ visit: ConsoleVisit, _ who: SignedIn, saying text: String,
        _ change: @escaping @Sendable (inout OperatorAccount) -> AuditAction?
    ) async throws -> ConsoleAnswer {
        let token = RandomToken()
        let session = visit.session(who.name, token)
        let isChanged = try await parts.operators.updateOperator(who.name, at: visit.now) { record in
            guard var account = record.account, let action = change(&account) else { return OperatorDecision(false) }
            record.account = account
            return OperatorDecision(
                true, beginning: session, audit: AuditNote(visit.actor(who), action, on: who.name.text))
        }
        guard isChanged else { return visit.toSignIn() }
        let flash = ConsoleFlash.done(text).cookie(of: SignedIn(session: session, token: token), visit.cookies)
        return .redirect(to: ConsolePath.account, cookies: [visit.sessionCookie(token), flash])
    }
}
