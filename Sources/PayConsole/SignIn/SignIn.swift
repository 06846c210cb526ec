import Logging
import PayAPI
import PayAccess
import PayCore
import PayFlow

/// Signs an operator in, by name, password and one-time code.
///
/// A refusal takes as long, and reads the same, for an unknown name, a wrong password, a wrong code and a locked operator.
struct SignIn: Sendable {
    enum Outcome: Sendable {
        case signedIn(RandomToken)
        case refused
        /// The client's address has used up its limit.
        case limited(Duration)
    }

    let parts: ConsoleParts

    func callAsFunction(
        _ typed: String, _ password: Secret, code: String, _ visit: ConsoleVisit
    ) async throws -> Outcome {
        if let pause = parts.signInLimit.pause(before: visit.address, at: visit.now) {
            ConsoleTelemetry.signIn(.limited)
            return .limited(pause)
        }
        // No operator has this name, so it is handled like any other unknown one.
        let name = OperatorName(typed) ?? Self.nobody
        let known = try await parts.operators.operatorAccount(name)
        let isRight = try await parts.passwords.isPassword(password, of: known?.password)
        let proof = SignInProof(
            password: isRight ? known?.password : nil,
            codeStep: known?.codes.flatMap { OneTimeCodes.step(of: code, by: $0.text, at: visit.now) })
        let token = RandomToken()
        let result = try await decide(name, proof, token, visit)
        tell(result, known?.name, visit)
        return result == .signedIn ? .signedIn(token) : .refused
    }

    /// A text that is no name stands for a name that nobody has: it is longer than any that a person would choose.
    private static let nobody = OperatorName(String(repeating: "0", count: OperatorName.longest))!

    private func decide(
        _ name: OperatorName, _ proof: SignInProof, _ token: RandomToken, _ visit: ConsoleVisit
    ) async throws -> OperatorAccount.SignInResult {
        let (now, rules) = (visit.now, parts.rules)
        let session = visit.session(name, token)
        return try await parts.operators.updateOperator(name, at: now) { record in
            guard var account = record.account else { return OperatorDecision(.refused) }
            let result = account.signIn(with: proof, at: now)
            record.account = account
            switch result {
            case .signedIn:
                return OperatorDecision(
                    result,
                    ending: .old(begunBefore: now - rules.sessionLimit, usedBefore: now - rules.idleLimit),
                    beginning: session, audit: AuditNote(visit.actor(name), .operatorSignedIn, on: name.text))
            case .refused: return OperatorDecision(result)
            case .refusedAndLocked:
                return OperatorDecision(result, audit: Self.lockNote(account, visit))
            }
        }
    }

    /// The audit entry of a lock. Its author is unknown: the refused person may be anybody.
    static func lockNote(_ account: OperatorAccount?, _ visit: ConsoleVisit) -> AuditNote? {
        account.map { account in
            AuditNote(
                Actor(PersonName("unknown")!, by: .console, from: visit.origin), .operatorLocked,
                on: account.name.text, detail: account.lockedUntil.map { "until \(Timestamp($0).text)" })
        }
    }

    /// An unknown name is not logged: it may be a password that was typed into the wrong field.
    private func tell(_ result: OperatorAccount.SignInResult, _ name: OperatorName?, _ visit: ConsoleVisit) {
        let metadata: Logger.Metadata = [
            "operator.name": "\(name?.text ?? "unknown")",
            "client.address": "\(visit.address?.description ?? "unknown")",
            "request.id": "\(visit.context.requestID)",
        ]
        switch result {
        case .signedIn:
            ConsoleTelemetry.signIn(.signedIn)
            parts.logger.info("operator signed in", metadata: metadata)
        case .refused:
            ConsoleTelemetry.signIn(.refused)
            parts.logger.notice("operator sign-in refused", metadata: metadata)
        case .refusedAndLocked:
            ConsoleTelemetry.signIn(.refused)
            parts.logger.warning("operator sign-in refused, operator locked", metadata: metadata)
        }
    }
}

extension ConsoleVisit {
    /// The client's address, for the audit log and for sessions.
    var origin: PersonName? { address.flatMap { PersonName($0.description) } }

    /// A new session of an operator. Its role is the operator's, whatever it is.
    func session(_ name: OperatorName, _ token: RandomToken) -> OperatorSession {
        OperatorSession(id: token.digest, name: name, role: .viewer, begunAt: now, usedAt: now, origin: origin)
    }

    func sessionCookie(_ token: RandomToken) -> ConsoleCookie {
        cookies.set(CookieStem.session, token.text.reveal())
    }
}
