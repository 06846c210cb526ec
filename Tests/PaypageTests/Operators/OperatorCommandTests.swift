import ArgumentParser
import LedgerSQL
import PayAccess
import PayCore
import PayFlow
import SQLiteStore
import Testing

@testable import paypage

/// `paypage operators`, on a database beside a service.
@Suite(.timeLimit(.minutes(5))) struct OperatorCommandTests {
    private let ada = OperatorName("ada")!

    private func add(_ database: CommandDatabase, _ name: String, _ role: String) async throws {
        try await database.run(["operators", "add", name, "--role", role, "--by", "root"])
    }

    @Test func `add stores an operator without a password, with an invitation of a day`() async throws {
        try await CommandDatabase.with { database in
            try await add(database, "ada", "admin")
            let account = try #require(try await database.ledger.operatorAccount(ada))
            #expect(account.role == .admin && account.password == nil)
            let invitation = try #require(account.invitation)
            #expect(invitation.endsAt == account.addedAt + .seconds(86_400))
            let failure = await database.failure(["operators", "add", "ada", "--role", "viewer"])
            #expect(failure?.contains("an operator ada exists") == true)
            #expect(try await database.ledger.operatorAccount(ada) == account)
        }
    }

    @Test func `every change leaves an audit entry with its author, and a refused one leaves none`() async throws {
        try await CommandDatabase.with { database in
            try await add(database, "ada", "admin")
            try await add(database, "bob", "viewer")
            for arguments in [
                ["change", "bob", "--role", "operator"], ["change", "bob", "--role", "operator"], ["reset", "bob"],
                ["remove", "bob"],
            ] {
                try await database.run(["operators"] + arguments + ["--by", "root"])
            }
            #expect(await database.failure(["operators", "remove", "ada"])?.contains("last admin") == true)
            #expect(await database.failure(["operators", "change", "carl", "--role", "admin"]) != nil)
            let notes = try await database.ledger.auditEntries(AuditListing(limit: 100)).map(\.note).reversed()
                .filter { $0.action.rawValue.hasPrefix("operator.") }
            #expect(
                notes.map(\.action) == [
                    .operatorAdded, .operatorAdded, .operatorChanged, .operatorReset, .operatorRemoved,
                ])
            #expect(notes.allSatisfy { $0.actor.name.text == "root" && $0.actor.way == .cli })
            #expect(notes.map(\.subject) == ["ada", "bob", "bob", "bob", "bob"])
            #expect(notes.map(\.detail) == ["admin", "viewer", "viewer to operator", nil, "operator"])
        }
    }

    @Test func `the last admin keeps the role and is not removed`() async throws {
        try await CommandDatabase.with { database in
            try await add(database, "ada", "admin")
            for arguments in [["remove", "ada"], ["change", "ada", "--role", "operator"]] {
                let failure = await database.failure(["operators"] + arguments)
                #expect(failure?.contains("ada is the last admin") == true)
            }
            try await add(database, "bob", "admin")
            try await database.run(["operators", "remove", "ada"])
            #expect(try await database.ledger.operators().map(\.name.text) == ["bob"])
        }
    }

    @Test func `reset forgets the password, the codes and the sessions`() async throws {
        try await CommandDatabase.with { database in
            try await add(database, "ada", "admin")
            let now = SystemClock().now()
            let hash = PasswordHash("$scrypt$ln=14,r=8,p=5$c2FsdA$aGFzaA")
            let token = RandomToken()
            let name = ada
            try await database.ledger.updateOperator(ada, at: now) { record in
                let invitation = record.account!.invitation!.digest
                _ = record.account?.setPassword(hash, by: invitation, at: now)
                _ = record.account?.turnOnCodes("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", usedStep: 1, knowing: hash)
                return OperatorDecision(
                    (),
                    beginning: OperatorSession(
                        id: token.digest, name: name, role: .admin, begunAt: now, usedAt: now, origin: nil))
            }
            #expect(try await database.ledger.session(token.digest) != nil)
            try await database.run(["operators", "reset", "ada"])
            let account = try #require(try await database.ledger.operatorAccount(ada))
            #expect(account.password == nil && account.codes == nil && account.invitation != nil)
            #expect(try await database.ledger.session(token.digest) == nil)
        }
    }

    @Test(arguments: ["Ada", "-ada", "", "a b", "ada!", String(repeating: "a", count: 33)])
    func `a name that no operator can have is refused`(_ name: String) {
        #expect(throws: (any Error).self) {
            try Paypage.parseAsRoot(["operators", "add", "--role", "viewer", "--", name])
        }
    }

    @Test func `the list and the link name no secret but the link's own token`() throws {
        let now = Instant(milliseconds: 1_795_348_800_000)
        let token = RandomToken()
        var account = OperatorAccount(
            ada, .admin, invitation: Invitation(token.digest, endsAt: now + Invitation.life), addedAt: now)
        #expect(OperatorTable([account], at: now).text.hasSuffix("invited until 2026-11-23T12:00:00Z"))
        let isSet = account.setPassword(PasswordHash("$scrypt$secret-hash"), by: token.digest, at: now)
        let hasCodes = account.turnOnCodes("SECRETCODE", usedStep: 1, knowing: PasswordHash("$scrypt$secret-hash"))
        #expect(isSet && hasCodes)
        let texts = [
            OperatorTable([account], at: now).text, JSONText.of(OperatorListJSON([account], at: now)),
            "\(account)", String(reflecting: account),
        ]
        for text in texts { #expect(!text.contains("secret-hash") && !text.contains("SECRETCODE"), "\(text)") }
        #expect(texts[0].hasSuffix("ada   admin  yes       yes    active"))
    }
}
