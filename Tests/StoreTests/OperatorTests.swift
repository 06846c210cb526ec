import PayCore
import PayFlow
import StoreTestSupport
import Testing

/// The operators and their sessions, in each kind of database.
@Suite struct OperatorTests {
    private let ada = OperatorName("ada")!
    private let bob = OperatorName("bob")!
    private let hash = PasswordHash("$scrypt$ln=14,r=8,p=5$c2FsdA$aGFzaA")
    private let now = Instant(milliseconds: 1_000_000)

    private func digest(_ byte: UInt8) -> SecretDigest { SecretDigest(Array(repeating: byte, count: 32))! }

    private func account(_ name: OperatorName, _ role: OperatorRole, link: UInt8) -> OperatorAccount {
        OperatorAccount(
            name, role, invitation: Invitation(digest(link), endsAt: now + Invitation.life), addedAt: now)
    }

    private func session(_ byte: UInt8, of name: OperatorName, begunAt: Instant? = nil) -> OperatorSession {
        OperatorSession(
            id: digest(byte), name: name, role: .admin, begunAt: begunAt ?? now, usedAt: begunAt ?? now,
            origin: PersonName("192.0.2.7"))
    }

    private func withOperators(_ kind: StoreKind, _ body: (any Store) async throws -> Void) async throws {
        try await withTestStore(kind) { store in
            for (name, role, link) in [(ada, OperatorRole.admin, UInt8(1)), (bob, .operator, 2)] {
                let account = account(name, role, link: link)
                let hash = hash
                try await store.updateOperator(name, at: now) { record in
                    record.account = account
                    _ = record.account?.setPassword(hash, by: account.invitation!.digest, at: account.addedAt)
                    return OperatorDecision(())
                }
            }
            try await body(store)
        }
    }

    private func begin(_ session: OperatorSession, in store: any Store) async throws {
        try await store.updateOperator(session.name, at: now) { _ in OperatorDecision((), beginning: session) }
    }

    @Test(arguments: StoreKind.available)
    func `an operator comes back as stored, by name and by invitation`(_ kind: StoreKind) async throws {
        try await withTestStore(kind) { store in
            let invited = account(ada, .viewer, link: 7)
            try await store.updateOperator(ada, at: now) { record in
                #expect(record.account == nil && !record.hasOtherAdmin)
                record.account = invited
                return OperatorDecision(())
            }
            #expect(try await store.operatorAccount(ada) == invited)
            #expect(try await store.operatorAccount(invitedBy: digest(7)) == invited)
            #expect(try await store.operatorAccount(invitedBy: digest(8)) == nil)
            var full = invited
            let isSet = full.setPassword(hash, by: digest(7), at: now)
            let hasCodes = full.turnOnCodes("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", usedStep: 9, knowing: hash)
            #expect(isSet && hasCodes)
            for _ in 1...OperatorAccount.mostFailures {
                _ = full.signIn(with: SignInProof(password: nil, codeStep: nil), at: now)
            }
            let changed = full
            try await store.updateOperator(ada, at: now) { record in
                record.account = changed
                return OperatorDecision(())
            }
            #expect(try await store.operatorAccount(ada) == full)
            #expect(full.lockedUntil != nil && full.codes != nil)
            #expect(try await store.operators() == [full])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a change and its audit entry are one transaction`(_ kind: StoreKind) async throws {
        struct Stop: Error {}
        try await withOperators(kind) { store in
            let note = AuditNote(
                Actor(PersonName("root")!, by: .cli, from: nil), .operatorChanged, on: "bob", detail: "viewer")
            await #expect(throws: (any Error).self) {
                // The last admin stays one, so that nothing of this is stored.
                try await store.updateOperator(ada, at: now) { record in
                    record.account?.changeRole(to: .viewer)
                    return OperatorDecision((), audit: note)
                }
            }
            #expect(try await store.auditEntries(AuditListing(limit: 10)).isEmpty)
            try await store.updateOperator(bob, at: now) { record in
                record.account?.changeRole(to: .viewer)
                return OperatorDecision((), audit: note)
            }
            #expect(try await store.operatorAccount(bob)?.role == .viewer)
            #expect(try await store.auditEntries(AuditListing(limit: 10)).map(\.note) == [note])
        }
    }

    @Test(arguments: StoreKind.available)
    func `the last admin is neither removed nor demoted, even by a decision that ignores the rule`(
        _ kind: StoreKind
    ) async throws {
        try await withOperators(kind) { store in
            await #expect(throws: (any Error).self) {
                try await store.updateOperator(ada, at: now) { record in
                    #expect(!record.hasOtherAdmin)
                    record.account = nil
                    return OperatorDecision(())
                }
            }
            #expect(try await store.operatorAccount(ada) != nil)
            try await store.updateOperator(bob, at: now) { record in
                #expect(record.hasOtherAdmin)
                record.account?.changeRole(to: .admin)
                return OperatorDecision(())
            }
            try await store.updateOperator(ada, at: now) { record in
                record.account = nil
                return OperatorDecision(())
            }
            #expect(try await store.operators().map(\.name) == [bob])
        }
    }

    @Test(arguments: StoreKind.available)
    func `a session has its operator's present role and its last use`(_ kind: StoreKind) async throws {
        try await withOperators(kind) { store in
            try await begin(session(3, of: ada), in: store)
            #expect(try await store.session(digest(3)) == session(3, of: ada))
            #expect(try await store.session(digest(4)) == nil)
            try await store.noteUse(of: digest(3), at: now + .seconds(60))
            try await store.noteUse(of: digest(3), at: now)
            #expect(try await store.session(digest(3))?.usedAt == now + .seconds(60))
        }
    }

    @Test(arguments: StoreKind.available)
    func `a change of role, password or codes ends every session of the operator alone`(_ kind: StoreKind) async throws
    {
        let other = PasswordHash("$scrypt$ln=14,r=8,p=5$c2FsdA$b3RoZXI")
        let hash = hash
        let changes: [@Sendable (inout OperatorAccount) -> Void] = [
            { $0.changeRole(to: .viewer) }, { _ = $0.changePassword(from: hash, to: other) },
            { _ = $0.turnOnCodes("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", usedStep: 0, knowing: hash) },
        ]
        for change in changes {
            try await withOperators(kind) { store in
                try await begin(session(3, of: bob), in: store)
                try await begin(session(4, of: bob), in: store)
                try await begin(session(5, of: ada), in: store)
                try await store.updateOperator(bob, at: now) { record in
                    change(&record.account!)
                    return OperatorDecision(())
                }
                #expect(try await store.sessions(of: bob).isEmpty)
                #expect(try await store.sessions(of: ada).map(\.id) == [digest(5)])
            }
        }
    }

    @Test(arguments: StoreKind.available)
    func `a removed operator has no session left, and a refused sign-in ends none`(_ kind: StoreKind) async throws {
        try await withOperators(kind) { store in
            try await begin(session(3, of: bob), in: store)
            try await store.updateOperator(bob, at: now) { record in
                let result = record.account!.signIn(
                    with: SignInProof(password: nil, codeStep: nil), at: record.account!.addedAt)
                #expect(result == .refused)
                return OperatorDecision(())
            }
            #expect(try await store.sessions(of: bob).count == 1)
            try await store.updateOperator(bob, at: now) { record in
                record.account = nil
                return OperatorDecision(())
            }
            #expect(try await store.session(digest(3)) == nil)
        }
    }

    @Test(arguments: StoreKind.available)
    func `a decision ends the sessions that it names`(_ kind: StoreKind) async throws {
        try await withOperators(kind) { store in
            let later = now + .seconds(10)
            for (byte, begun) in [(UInt8(3), now), (4, later), (5, now + .seconds(20))] {
                try await begin(session(byte, of: bob, begunAt: begun), in: store)
            }
            func end(_ sessions: SessionsToEnd) async throws -> [SecretDigest] {
                try await store.updateOperator(bob, at: now) { _ in OperatorDecision((), ending: sessions) }
                return try await store.sessions(of: bob).map(\.id)
            }
            #expect(try await end(.old(begunBefore: later, usedBefore: now)) == [digest(5), digest(4)])
            #expect(try await end(.old(begunBefore: now, usedBefore: later)) == [digest(5), digest(4)])
            #expect(try await end(.one(digest(3))) == [digest(5), digest(4)])
            #expect(try await end(.allBut(digest(4))) == [digest(4)])
            #expect(try await end(.all) == [])
        }
    }
}
