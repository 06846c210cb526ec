import PayAccess
import PayCore
import PayFlow
import PayTestSupport
import ServiceTestSupport

extension TestConsole {
    /// The author of changes that a test makes beside the console.
    var actor: Actor { Actor(PersonName("root")!, by: .cli, from: nil) }

    /// Turns one-time codes on, and returns their secret.
    @discardableResult
    func turnOnCodes(_ name: String) async throws -> String {
        let secret = OneTimeCodes.makeSecret()
        try await store.updateOperator(OperatorName(name)!, at: clock.now()) { record in
            if let hash = record.account?.password {
                _ = record.account?.turnOnCodes(secret, usedStep: 0, knowing: hash)
            }
            return OperatorDecision(())
        }
        return secret
    }

    /// Locks an operator by refused sign-ins.
    func lock(_ name: String) async throws {
        let now = clock.now()
        for _ in 1...OperatorAccount.mostFailures {
            try await store.updateOperator(OperatorName(name)!, at: now) { record in
                _ = record.account?.signIn(with: SignInProof(password: nil, codeStep: nil), at: now)
                return OperatorDecision(())
            }
        }
    }
}

extension ConsoleBrowser {
    /// Sends the sign-in form. Redirects are not followed.
    func signIn(
        _ name: String, password: String = TestConsole.password, code: String = "", to: String = ""
    ) async throws -> Answer {
        try await post(
            "/console/sign-in", ["name": name, "password": password, "code": code, "to": to], csrf: nil)
    }
}

extension Answer {
    /// The value of a hidden field of the page.
    func hidden(_ name: String) -> String? {
        let start = "name=\"\(name)\" value=\""
        return text.firstRange(of: start).map { String(text[$0.upperBound...].prefix { $0 != "\"" }) }
    }
}
